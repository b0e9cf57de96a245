#include "client/host_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

using Clock = Alarms::Clock;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

template <typename List>
auto Take(List& list, typename List::iterator position) {
  auto taken = std::move(*position);
  list.erase(position);
  return taken;
}

}  // namespace

HostPool::HostPool(boost::asio::io_context& io, Alarms& alarms,
                   Resolver& resolver, const Endpoint& endpoint,
                   std::shared_ptr<const TlsContext> tls, const Limits& limits,
                   ConnectionCounts& counts)
    : io_(io),
      alarms_(alarms),
      resolver_(resolver),
      endpoint_(endpoint),
      tls_(std::move(tls)),
      limits_(limits),
      counts_(counts) {}

HostPool::~HostPool() {
  if (stale_alarm_.has_value()) alarms_.Cancel(*stale_alarm_);
  counts_.Change(published_, {});
}

bool HostPool::empty() const {
  return waiting_.empty() && carried_.empty() && openings_.empty() &&
         idle_.empty();
}

// ---- Attempts ---------------------------------------------------------------

void HostPool::Post(Attempt attempt, Done done) {
  Job job{.attempt = std::move(attempt), .done = std::move(done)};
  if (shutting_down_) {
    return Conclude(
        std::move(job),
        TransportFailure{.what = What::kShutdown, .detail = "shutting down"},
        /*tried=*/false);
  }
  const TimePoint deadline = job.attempt.deadline;
  SetAlarm(waiting_.insert(waiting_.end(), std::move(job)), deadline);
  Match();
}

void HostPool::Cancel(uint64_t id, TimePoint answer_by) {
  const auto has_id = [id](const Job& job) { return job.attempt.id == id; };
  const auto waiting = std::find_if(waiting_.begin(), waiting_.end(), has_id);
  if (waiting != waiting_.end()) {
    return Conclude(Take(waiting_, waiting),
                    TransportFailure{.what = What::kCancelled,
                                     .detail = "cancelled before it was sent"},
                    /*tried=*/false);
  }
  const auto carried = std::find_if(carried_.begin(), carried_.end(), has_id);
  if (carried != carried_.end()) {
    Attempt& attempt = carried->attempt;
    attempt.deadline = std::min(attempt.deadline, answer_by);
    attempt.answer_by = std::min(attempt.answer_by, answer_by);
    SetAlarm(carried, attempt.deadline);
  }
}

void HostPool::SetAlarm(Jobs::iterator job, TimePoint when) {
  if (job->alarm.has_value()) alarms_.Cancel(*job->alarm);
  job->alarm = alarms_.Set(when, [this, job] {
    job->alarm.reset();
    OnDeadline(job);
  });
}

void HostPool::Match() {
  const TimePoint now = Clock::now();
  while (!waiting_.empty()) {
    if (waiting_.front().attempt.deadline <= now) {
      Conclude(Take(waiting_, waiting_.begin()), DeadlineBeforeSending(),
               /*tried=*/false);
      continue;
    }
    if (idle_.empty()) break;
    const Idle idle = Take(idle_, std::prev(idle_.end()));
    if (StaleFrom(idle) <= now) {
      idle.connection->Close();
    } else if (idle.connection->ReadyToSend()) {
      SendFirst(idle.connection);
    }
  }
  OpenAsNeeded();
  PublishCounts();
}

void HostPool::SendFirst(std::shared_ptr<Connection> connection) {
  const auto job = waiting_.begin();
  carried_.splice(carried_.end(), waiting_, job);  // keeps the iterator
  job->carrier = connection;
  job->sent_at = Clock::now();
  const Attempt& attempt = job->attempt;
  connection->Exchange({.head = Secret(attempt.destination->RequestHead(
                            attempt.body->size(), attempt.traceparent)),
                        .body = attempt.body},
                       [this, job](ExchangeResult result) {
                         OnExchanged(job, std::move(result));
                       });
}

void HostPool::OnExchanged(Jobs::iterator position, ExchangeResult result) {
  Job job = Take(carried_, position);
  std::shared_ptr<Connection> connection = std::move(job.carrier);
  if (connection->is_open()) PutIdle(std::move(connection));
  Match();
  Conclude(std::move(job), std::move(result), /*tried=*/true);
}

void HostPool::OnDeadline(Jobs::iterator job) {
  if (job->carrier != nullptr) {
    Attempt& attempt = job->attempt;
    if (attempt.answer_by > attempt.deadline && !job->carrier->has_answer()) {
      attempt.deadline = attempt.answer_by;
      SetAlarm(job, attempt.deadline);
      if (attempt.on_overdue) attempt.on_overdue();
      return;
    }
    // Comes back by way of OnExchanged.
    job->carrier->AbortExchange(What::kDeadline, "no answer in time");
    return;
  }
  // An opening counts as an attempt: it was this one's, or would have been.
  Conclude(Take(waiting_, job), DeadlineBeforeSending(),
           /*tried=*/!openings_.empty());
}

void HostPool::Conclude(Job job, ExchangeResult result, bool tried) {
  if (job.alarm.has_value()) alarms_.Cancel(*job.alarm);
  std::chrono::nanoseconds silent{0};
  if (!job.sent_at.has_value() && silent_since_.has_value()) {
    silent = Clock::now() - *silent_since_;
  }
  job.done({.result = std::move(result),
            .tried = tried,
            .sent_at = job.sent_at,
            .host_silent = silent});
}

ExchangeResult HostPool::DeadlineBeforeSending() const {
  return TransportFailure{
      .stage = Stage::kBeforeSending,
      .what = What::kDeadline,
      .detail = absl::StrCat("its time was up while ",
                             openings_.empty()
                                 ? "all connections were busy with others"
                                 : "a connection was being opened")};
}

void HostPool::Shutdown() {
  shutting_down_ = true;
  for (Opening& opening : openings_) opening.connector->Cancel();
  openings_.clear();
  silent_since_.reset();
  for (Idle& idle : idle_) idle.connection->Close();
  idle_.clear();
  if (stale_alarm_.has_value()) alarms_.Cancel(*stale_alarm_);
  stale_alarm_.reset();
  while (!waiting_.empty()) {
    Conclude(
        Take(waiting_, waiting_.begin()),
        TransportFailure{.what = What::kShutdown, .detail = "shutting down"},
        /*tried=*/false);
  }
  while (!carried_.empty()) {
    carried_.front().carrier->AbortExchange(
        What::kShutdown,
        "given up while waiting for the answer: shutting down");
  }
  PublishCounts();
}

// ---- Connections ----------------------------------------------------------

size_t HostPool::CountOpeningsCountedOn(TimePoint now) const {
  return std::count_if(
      openings_.begin(), openings_.end(),
      [now](const Opening& opening) { return opening.counted_on_until > now; });
}

void HostPool::OnHostSpoke() {
  silent_since_.reset();
  if (!openings_.empty()) silent_since_ = Clock::now();
}

void HostPool::OpenAsNeeded() {
  if (shutting_down_) return;
  const TimePoint now = Clock::now();
  const size_t counted_on = CountOpeningsCountedOn(now);
  for (size_t i = counted_on; i < waiting_.size(); ++i) {
    if (openings_.size() + carried_.size() + idle_.size() >=
        limits_.max_connections) {
      // One that hangs makes room.
      const auto overdue = std::find_if(
          openings_.begin(), openings_.end(), [now](const Opening& opening) {
            return opening.counted_on_until <= now;
          });
      if (overdue == openings_.end()) return;
      overdue->connector->Cancel();
      openings_.erase(overdue);
    }
    if (!silent_since_.has_value()) silent_since_ = now;
    const auto opening = openings_.insert(
        openings_.end(),
        {.connector = nullptr,
         .counted_on_until = waiting_.back().attempt.deadline});
    opening->connector = Connector::Start(
        io_, alarms_, resolver_, endpoint_, tls_, sessions_, order_,
        limits_.connect_timeout,
        [this, opening](
            std::variant<std::unique_ptr<TlsStream>, TransportFailure> result) {
          if (auto* stream = std::get_if<std::unique_ptr<TlsStream>>(&result)) {
            OnOpened(opening, std::move(*stream));
          } else {
            OnOpenFailed(opening, std::get<TransportFailure>(result));
          }
        });
  }
}

void HostPool::OnOpened(Openings::iterator opening,
                        std::unique_ptr<TlsStream> stream) {
  const std::shared_ptr<Connection> connection =
      Connection::Create(std::move(stream), [this](const Connection* lost) {
        idle_.erase(
            std::find_if(idle_.begin(), idle_.end(), [lost](const Idle& idle) {
              return idle.connection.get() == lost;
            }));
        PublishCounts();
      });
  if (!connection->ReadyToSend()) {
    // Not replaced as a used one would be: a host that closes every connection
    // at once would be asked for ever.
    return OnOpenFailed(
        opening,
        {.stage = Stage::kBeforeSending,
         .what = What::kBroken,
         .detail = absl::StrCat(FormatEndpoint(endpoint_),
                                ": closed by the host right after it opened")});
  }
  openings_.erase(opening);
  OnHostSpoke();
  counts_.CountOpened();
  PutIdle(connection);
  Match();
}

void HostPool::OnOpenFailed(Openings::iterator position,
                            TransportFailure failure) {
  const TimePoint now = Clock::now();
  const Opening opening = Take(openings_, position);
  OnHostSpoke();
  // Somebody's failure only where somebody counts on it in vain.
  std::optional<Job> failed;
  if (opening.counted_on_until > now &&
      waiting_.size() > CountOpeningsCountedOn(now)) {
    failed = Take(waiting_, waiting_.begin());
  }
  Match();
  if (failed.has_value()) {
    Conclude(*std::move(failed), std::move(failure), /*tried=*/true);
  }
}

HostPool::TimePoint HostPool::StaleFrom(const Idle& idle) const {
  return std::min(idle.since + limits_.max_idle,
                  idle.connection->opened_at() + limits_.max_connection_age);
}

void HostPool::PutIdle(std::shared_ptr<Connection> connection) {
  idle_.push_back({std::move(connection), Clock::now()});
  if (!stale_alarm_.has_value()) {
    stale_alarm_ =
        alarms_.Set(StaleFrom(idle_.back()), [this] { CloseStale(); });
  }
}

void HostPool::CloseStale() {
  stale_alarm_.reset();
  const TimePoint now = Clock::now();
  const auto stale = std::stable_partition(
      idle_.begin(), idle_.end(),
      [this, now](const Idle& idle) { return StaleFrom(idle) > now; });
  std::for_each(stale, idle_.end(),
                [](const Idle& idle) { idle.connection->Close(); });
  idle_.erase(stale, idle_.end());
  PublishCounts();
  if (idle_.empty()) return;
  TimePoint next = TimePoint::max();
  for (const Idle& idle : idle_) next = std::min(next, StaleFrom(idle));
  stale_alarm_ = alarms_.Set(next, [this] { CloseStale(); });
}

void HostPool::PublishCounts() {
  const ConnectionCounts::Numbers now = {
      .opening = static_cast<int64_t>(openings_.size()),
      .busy = static_cast<int64_t>(carried_.size()),
      .idle = static_cast<int64_t>(idle_.size())};
  counts_.Change(std::exchange(published_, now), now);
}

}  // namespace signal_delivery::client
