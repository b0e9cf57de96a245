#include "tools/torture_driver/callers.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tools/retry_delay.h"

namespace signal_delivery::torture {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::EventResult;
using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;

constexpr uint32_t kUsersPerIntegration = 60;
constexpr uint32_t kMostUsersPerRequest = 4;
// New requests; about eight times as many events. More would leave no room on
// two cores, and fewer faults for each event.
constexpr absl::Duration kBetweenRequests = absl::Milliseconds(10);
constexpr uint32_t kRepeats = 40;  // one in so many calls is made once more
constexpr uint32_t kStreamed = 3;  // one call in so many goes by stream
// How much later than its timeout a stream's response may come: it counts from
// when the service reads the request.
constexpr absl::Duration kMostLate = absl::Seconds(5);
constexpr absl::Duration kMostLateInCalm = absl::Seconds(1);
constexpr int kDeadlinesMs[] = {150, 400, 1000, 2000, 5000, 5000};
// How long to wait after a call that failed, where nobody says.
constexpr int kLeastWaitMs = 50;
constexpr int kMostWaitMs = 250;
// The longest that a thread with nothing to do sleeps.
constexpr absl::Duration kThreadsPause = absl::Milliseconds(100);
// gRPC's own waiting between two attempts to connect is up to two minutes; this
// is a quarter of kReconnectTime.
constexpr int kMostReconnectWaitMs = 500;
// How long an attempt to connect may take, at least; gRPC's argument for it has
// the name of something else. On a busy machine a replica that lives may need a
// second.
constexpr int kConnectTimeMs = 10'000;

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMostReconnectWaitMs);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(),
                                   arguments);
}

std::string NameOf(grpc::StatusCode code) {
  // gRPC's codes are Abseil's.
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
}

// The schema has these for a service that lives, and every gRPC client the
// first.
bool IsExpected(grpc::StatusCode code) {
  return code == grpc::StatusCode::DEADLINE_EXCEEDED ||
         code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

// What a call reads whose replica ends or is gone. The second is gRPC's own
// word to a call that comes in the very millisecond in which a server begins to
// end, before any code of ours sees it.
bool IsOfAnOutage(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE ||
         code == grpc::StatusCode::CANCELLED;
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

bool IsFinal(Outcome outcome) {
  return outcome == Outcome::OUTCOME_ACCEPTED ||
         outcome == Outcome::OUTCOME_DROPPED ||
         outcome == Outcome::OUTCOME_REJECTED;
}

DeliverEventsRequest ToSent(const Request& request) {
  DeliverEventsRequest sent;
  sent.set_integration_id(IntegrationId(request.integration));
  for (const auto& event : request.events) *sent.add_events() = event;
  return sent;
}

// Why the answer is none that the schema has; empty if it is one.
std::string WhatIsWrong(
    const Request& request,
    const datafly::delivery::v1::DeliverEventsResponse& response) {
  if (response.results_size() != static_cast<int>(request.events.size())) {
    return "not one result per event";
  }
  for (int i = 0; i < response.results_size(); ++i) {
    const EventResult& result = response.results(i);
    if (result.message_id() != request.events[i].message_id()) {
      return "a result for another message_id";
    }
    if (result.outcome() == Outcome::OUTCOME_UNSPECIFIED ||
        result.reason() == Reason::REASON_UNSPECIFIED) {
      return "a result without outcome or reason";
    }
    if (!IsFinal(result.outcome()) && !result.has_retry_after()) {
      return "no retry_after";
    }
  }
  return "";
}

// The schema says of it that nothing was sent.
bool IsRefusal(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
         RetryDelay(status).has_value();
}

void TakeNoteOfDenial(absl::Time end, LedgerEntry& entry) {
  if (entry.was_unknown) return;
  entry.not_delivered_until_ms = absl::ToUnixMillis(end);
}

void TakeNote(const EventResult& result, absl::Time end, LedgerEntry& entry) {
  switch (result.outcome()) {
    case Outcome::OUTCOME_ACCEPTED:
      entry.told = Told::kAccepted;
      break;
    case Outcome::OUTCOME_DROPPED:
      entry.told = Told::kDropped;
      break;
    case Outcome::OUTCOME_REJECTED:
      entry.told = Told::kRejected;
      break;
    case Outcome::OUTCOME_NOT_DELIVERED:
      TakeNoteOfDenial(end, entry);
      break;
    default:
      entry.was_unknown = true;
      break;
  }
}

}  // namespace

Callers::Callers(const Options& options, Ledger& ledger, CallLog& log)
    : ledger_(ledger),
      log_(log),
      next_new_(absl::Now()),
      free_users_(kIntegrations) {
  for (const std::string& server : options.servers) {
    const int replica = static_cast<int>(stubs_.size());
    stubs_.push_back(Service::NewStub(ChannelTo(server)));
    streams_.push_back(std::make_unique<SharedStream>(
        Service::NewStub(ChannelTo(server)), replica, log));
  }
  for (std::vector<uint32_t>& users : free_users_) {
    for (uint32_t user = 0; user < kUsersPerIntegration; ++user) {
      users.push_back(user);
    }
  }
  for (int i = 0; i < options.threads; ++i) {
    threads_.emplace_back(
        [this, seed = options.seed * 1000 + i] { Run(seed); });
  }
}

Callers::~Callers() {
  {
    std::lock_guard lock(mutex_);
    ends_ = true;
  }
  watch_.notify_all();
  idle_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Callers::Drain() {
  std::lock_guard lock(mutex_);
  makes_new_ = false;
  return open_ == 0;
}

void Callers::Run(uint64_t seed) {
  std::mt19937_64 random(seed);
  while (std::unique_ptr<Work> work = Next(random)) {
    Call(*work, random);
    Continue(std::move(work));
  }
}

std::unique_ptr<Callers::Work> Callers::Next(std::mt19937_64& random) {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    if (is_watched_) {
      idle_.wait(lock);
      continue;
    }
    const auto next = std::min_element(
        waiting_.begin(), waiting_.end(),
        [](const auto& a, const auto& b) { return a->due < b->due; });
    const absl::Time now = absl::Now();
    if (next != waiting_.end() && (*next)->due <= now) {
      std::unique_ptr<Work> work = std::move(*next);
      waiting_.erase(next);
      idle_.notify_one();
      return work;
    }
    absl::Duration wait = kThreadsPause;
    if (next != waiting_.end()) wait = std::min(wait, (*next)->due - now);
    if (makes_new_ && next_new_ <= now) {
      // What was missed while all threads were busy is not made up for.
      next_new_ = std::max(next_new_ + kBetweenRequests, now - kThreadsPause);
      if (std::unique_ptr<Work> work = NewWork(random)) {
        idle_.notify_one();
        return work;
      }
    } else if (makes_new_) {
      wait = std::min(wait, next_new_ - now);
    }
    wait = std::max(wait, absl::Milliseconds(1));
    is_watched_ = true;
    watch_.wait_for(lock, absl::ToChronoMilliseconds(wait));
    is_watched_ = false;
  }
  return nullptr;
}

std::unique_ptr<Callers::Work> Callers::NewWork(std::mt19937_64& random) {
  const int integration = static_cast<int>(Below(random, kIntegrations));
  std::vector<uint32_t>& free = free_users_[integration];
  if (free.empty()) return nullptr;
  std::vector<uint32_t> users;
  const uint32_t count = 1 + Below(random, kMostUsersPerRequest);
  while (users.size() < count && !free.empty()) {
    std::swap(free[Below(random, free.size())], free.back());
    users.push_back(free.back());
    free.pop_back();
  }
  auto work = std::make_unique<Work>();
  work->request = MakeRequest(requests_++, integration, users, random, ledger_);
  // A large request takes only the first.
  free.insert(free.end(),
              users.begin() + static_cast<int64_t>(work->request.users.size()),
              users.end());
  if (OneIn(random, kRepeats)) work->original = work->request;
  work->server = static_cast<int>(Below(random, stubs_.size()));
  ++open_;
  return work;
}

void Callers::Call(Work& work, std::mt19937_64& random) {
  const bool calm = calm_;
  const absl::Duration deadline =
      calm ? kCalmDeadline
           : absl::Milliseconds(
                 kDeadlinesMs[Below(random, std::size(kDeadlinesMs))]);
  Response response;
  const absl::Time start = absl::Now();
  const grpc::Status status =
      OneIn(random, kStreamed) ? DeliverStreamed(work, deadline, calm, response)
                               : DeliverEvents(work, deadline, response);
  const absl::Time end = absl::Now();
  if (!status.ok()) return OnFailure(work, status, start, end, random);
  const std::string wrong = WhatIsWrong(work.request, response);
  if (wrong.empty()) return OnAnswer(work, response, start, end);
  // Nothing in it can be believed.
  OnFailure(work, grpc::Status(grpc::StatusCode::DATA_LOSS, wrong), start, end,
            random);
}

grpc::Status Callers::DeliverEvents(const Work& work, absl::Duration deadline,
                                    Response& response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
  return stubs_[work.server]->DeliverEvents(&context, ToSent(work.request),
                                            &response);
}

grpc::Status Callers::DeliverStreamed(const Work& work, absl::Duration deadline,
                                      bool calm, Response& response) {
  log_.AddStreamed();
  const absl::Duration late = calm ? kMostLateInCalm : kMostLate;
  // In a calm the response is due by the deadline.
  const absl::Duration timeout = calm ? deadline - late : deadline;
  return streams_[work.server]->Deliver(ToSent(work.request), timeout, late,
                                        response);
}

void Callers::OnAnswer(Work& work, const Response& response, absl::Time start,
                       absl::Time end) {
  std::map<std::string, int64_t> outcomes;
  std::set<std::string> batches;
  std::set<std::string> errors;
  absl::Duration wait;
  Request rest{work.request.number,
               work.request.integration,
               work.request.users,
               {},
               {}};
  for (int i = 0; i < response.results_size(); ++i) {
    const EventResult& result = response.results(i);
    ++outcomes[datafly::delivery::v1::Outcome_Name(result.outcome())];
    if (result.attempts() > 0 &&
        result.reason() != Reason::REASON_TAKEN_EARLIER) {
      batches.insert(result.source_request_id());
    }
    const uint32_t number = work.request.numbers[i];
    if (!work.is_repeat) TakeNote(result, end, ledger_.At(number));
    if (IsFinal(result.outcome())) continue;
    errors.insert(datafly::delivery::v1::Reason_Name(result.reason()));
    rest.events.push_back(work.request.events[i]);
    rest.numbers.push_back(number);
    wait = std::max(wait, ToDuration(result.retry_after()));
  }
  log_.AddAnswer(start, end,
                 static_cast<int64_t>(batches.size()) * (1 + work.failed_calls),
                 outcomes, errors);
  work.failed_calls = 0;
  work.request = std::move(rest);
  work.due = end + wait;
}

void Callers::OnFailure(Work& work, const grpc::Status& status,
                        absl::Time start, absl::Time end,
                        std::mt19937_64& random) {
  const grpc::StatusCode code = status.error_code();
  log_.AddFailure(start, end, NameOf(code));
  const std::string what =
      absl::StrCat("call ", NameOf(code), ": ", status.error_message());
  if (IsOfAnOutage(code)) {
    log_.AddBrokenCall(start, end, work.server, what);
  } else if (!IsExpected(code)) {
    log_.AddBadAnswer(what);
  }
  const bool nothing_was_sent = IsRefusal(status);
  if (!work.is_repeat) {
    for (const uint32_t number : work.request.numbers) {
      if (nothing_was_sent) {
        TakeNoteOfDenial(end, ledger_.At(number));
      } else {
        ledger_.At(number).was_unknown = true;
      }
    }
  }
  if (!nothing_was_sent) ++work.failed_calls;
  work.server = (work.server + 1) % static_cast<int>(stubs_.size());
  work.due = end + RetryDelay(status).value_or(absl::Milliseconds(
                       kLeastWaitMs + Below(random, kMostWaitMs)));
}

void Callers::Continue(std::unique_ptr<Work> work) {
  std::lock_guard lock(mutex_);
  // A repeat is made once; what it comes to is told nobody.
  const bool is_over = work->request.events.empty() || work->is_repeat;
  if (is_over && work->original.has_value()) {
    work->request = *std::move(work->original);
    work->original.reset();
    work->is_repeat = true;
    work->due = absl::Now();
    waiting_.push_back(std::move(work));
  } else if (is_over) {
    std::vector<uint32_t>& free = free_users_[work->request.integration];
    free.insert(free.end(), work->request.users.begin(),
                work->request.users.end());
    --open_;
  } else {
    waiting_.push_back(std::move(work));
  }
  watch_.notify_one();
}

}  // namespace signal_delivery::torture
