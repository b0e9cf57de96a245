#include "client/host_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/judge.h"

namespace signal_delivery::client {
namespace {

using Clock = Alarms::Clock;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

// Keeps sums of times finite. No caller waits as long.
constexpr absl::Duration kLongestWait = absl::Hours(24);

Clock::time_point ToSteady(absl::Time deadline) {
  const absl::Duration left = std::min(deadline - absl::Now(), kLongestWait);
  return Clock::now() + absl::ToChronoNanoseconds(left);
}

template <typename List>
auto Take(List& list, typename List::iterator position) {
  auto taken = std::move(*position);
  list.erase(position);
  return taken;
}

}  // namespace

HostPool::HostPool(boost::asio::io_context& io, Alarms& alarms,
                   Resolver& resolver, const Endpoint& endpoint,
                   std::shared_ptr<const TlsContext> tls, const Limits& limits)
    : io_(io),
      alarms_(alarms),
      resolver_(resolver),
      endpoint_(endpoint),
      tls_(std::move(tls)),
      limits_(limits) {}

HostPool::~HostPool() {
  if (stale_alarm_.has_value()) alarms_.Cancel(*stale_alarm_);
}

bool HostPool::empty() const {
  return waiting_.empty() && carried_.empty() && openings_.empty() &&
         idle_.empty();
}

// ---- Deliveries -----------------------------------------------------------

void HostPool::Deliver(Delivery delivery, DeliveryDone done) {
  auto job = std::make_shared<Job>();
  job->deadline = ToSteady(delivery.deadline);
  job->delivery = std::move(delivery);
  job->done = std::move(done);
  if (shutting_down_) {
    return Conclude(
        std::move(job),
        TransportFailure{.what = What::kShutdown, .detail = "shutting down"},
        /*attempts=*/0);
  }
  const auto position = waiting_.insert(waiting_.end(), job);
  job->alarm =
      alarms_.Set(job->deadline, [this, position] { OnDeadline(position); });
  Match();
}

void HostPool::Match() {
  const TimePoint now = Clock::now();
  while (!waiting_.empty()) {
    if (waiting_.front()->deadline <= now) {
      Conclude(Take(waiting_, waiting_.begin()), DeadlineBeforeSending(), 0);
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
}

void HostPool::SendFirst(std::shared_ptr<Connection> connection) {
  const auto position = waiting_.begin();
  carried_.splice(carried_.end(), waiting_, position);  // keeps the iterator
  const std::shared_ptr<Job>& job = *position;
  job->carrier = connection;
  const std::string& body = job->delivery.body;
  connection->Exchange(
      {.head = job->delivery.destination->RequestHead(body.size()),
       .body = std::shared_ptr<const std::string>(job, &body)},
      [this, position](ExchangeResult result) {
        OnExchanged(position, std::move(result));
      });
}

void HostPool::OnExchanged(Jobs::iterator position, ExchangeResult result) {
  std::shared_ptr<Job> job = Take(carried_, position);
  std::shared_ptr<Connection> connection = std::move(job->carrier);
  if (connection->is_open()) PutIdle(std::move(connection));
  Match();
  Conclude(std::move(job), result, /*attempts=*/1);
}

void HostPool::OnDeadline(Jobs::iterator position) {
  (*position)->alarm.reset();
  if ((*position)->carrier != nullptr) {
    // Comes back by way of OnExchanged.
    (*position)->carrier->AbortExchange(What::kDeadline,
                                        "no answer before the deadline");
    return;
  }
  // An opening counts as an attempt: it was this delivery's, or would have
  // been.
  Conclude(Take(waiting_, position), DeadlineBeforeSending(),
           openings_.empty() ? 0 : 1);
}

void HostPool::Conclude(std::shared_ptr<Job> job, const ExchangeResult& result,
                        int attempts) {
  if (job->alarm.has_value()) alarms_.Cancel(*job->alarm);
  Verdict verdict = Judge(result);
  verdict.attempts = attempts;
  job->done(std::move(verdict));
}

ExchangeResult HostPool::DeadlineBeforeSending() const {
  return TransportFailure{
      .stage = Stage::kBeforeSending,
      .what = What::kDeadline,
      .detail = absl::StrCat("the deadline passed while ",
                             openings_.empty()
                                 ? "all connections were busy with others"
                                 : "a connection was being opened")};
}

void HostPool::Shutdown() {
  shutting_down_ = true;
  for (Opening& opening : openings_) opening.connector->Cancel();
  openings_.clear();
  for (Idle& idle : idle_) idle.connection->Close();
  idle_.clear();
  if (stale_alarm_.has_value()) alarms_.Cancel(*stale_alarm_);
  stale_alarm_.reset();
  while (!waiting_.empty()) {
    Conclude(
        Take(waiting_, waiting_.begin()),
        TransportFailure{.what = What::kShutdown, .detail = "shutting down"},
        /*attempts=*/0);
  }
  while (!carried_.empty()) {
    carried_.front()->carrier->AbortExchange(
        What::kShutdown,
        "given up while waiting for the answer: shutting down");
  }
}

// ---- Connections ----------------------------------------------------------

size_t HostPool::CountOpeningsCountedOn(TimePoint now) const {
  return std::count_if(
      openings_.begin(), openings_.end(),
      [now](const Opening& opening) { return opening.counted_on_until > now; });
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
    const auto opening = openings_.insert(
        openings_.end(),
        {.connector = nullptr, .counted_on_until = waiting_.back()->deadline});
    opening->connector = Connector::Start(
        io_, alarms_, resolver_, endpoint_, tls_, limits_.connect_timeout,
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
  PutIdle(connection);
  Match();
}

void HostPool::OnOpenFailed(Openings::iterator position,
                            TransportFailure failure) {
  const TimePoint now = Clock::now();
  const Opening opening = Take(openings_, position);
  // Somebody's failure only where somebody counts on it in vain.
  std::shared_ptr<Job> failed;
  if (opening.counted_on_until > now &&
      waiting_.size() > CountOpeningsCountedOn(now)) {
    failed = Take(waiting_, waiting_.begin());
  }
  Match();
  if (failed != nullptr) {
    Conclude(std::move(failed), std::move(failure), /*attempts=*/1);
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
  if (idle_.empty()) return;
  TimePoint next = TimePoint::max();
  for (const Idle& idle : idle_) next = std::min(next, StaleFrom(idle));
  stale_alarm_ = alarms_.Set(next, [this] { CloseStale(); });
}

}  // namespace signal_delivery::client
