#include "client/dispatcher.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client/attempt_observer.h"
#include "client/attempt_sign.h"
#include "client/backoff.h"
#include "client/judge.h"
#include "client/retry_rules.h"
#include "client/untried.h"

namespace signal_delivery::client {
namespace {

using Sign = CircuitBreaker::Sign;

constexpr absl::string_view kNoTime = "the deadline leaves no time";

}  // namespace

Dispatcher::Dispatcher(std::shared_ptr<const Destination> destination,
                       Scheduler& scheduler,
                       std::shared_ptr<Transport> transport,
                       std::shared_ptr<HostNews> host_news, Random random,
                       size_t max_concurrency)
    : destination_(std::move(destination)),
      scheduler_(scheduler),
      transport_(std::move(transport)),
      host_news_(std::move(host_news)),
      random_(std::move(random)),
      pacer_(destination_->max_requests_per_second(), scheduler.Now()),
      concurrency_(max_concurrency) {}

Dispatcher::~Dispatcher() {
  if (pump_alarm_.has_value()) scheduler_.Cancel(*pump_alarm_);
}

bool Dispatcher::unused() const {
  return jobs_.empty() && destination_.use_count() == 1;
}

void Dispatcher::Deliver(uint64_t id, std::shared_ptr<const std::string> body,
                         TimePoint deadline, DeliveryDone done, Repeats repeats,
                         std::string traceparent) {
  const auto job =
      fresh_.insert(fresh_.end(), {.id = id,
                                   .body = std::move(body),
                                   .traceparent = std::move(traceparent),
                                   .deadline = deadline,
                                   .done = std::move(done),
                                   .repeats = std::move(repeats),
                                   .queue = &fresh_});
  jobs_.emplace(id, job);
  if (shutting_down_) return Conclude(job, ShuttingDown());
  if (deadline <= scheduler_.Now()) {
    return Conclude(job, NotTried(Verdict::Cause::kDeadlineBeforeSending,
                                  "the deadline had passed already"));
  }
  if (WaitsForAnother(job)) return;
  Wait(job, fresh_);
  Pump();
}

void Dispatcher::Cancel(uint64_t id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  const Jobs::iterator job = found->second;
  if (!job->done) return;
  job->cancelled = true;
  if (job->queue == &sent_) {
    return transport_->Cancel(id, scheduler_.Now() + kGrace);
  }
  if (job->queue == &sharing_) {
    return Conclude(job, OfTheOther(*job, "cancelled"));
  }
  GiveUp(job, "cancelled", std::nullopt, Cancelled());
}

void Dispatcher::TryKeyAgain() {
  if (breaker_.is_closed() || !IsRefusalOfKey(last_failure_)) return;
  breaker_.ProbeAt(scheduler_.Now());
  Pump();
}

void Dispatcher::Shutdown() {
  shutting_down_ = true;
  if (pump_alarm_.has_value()) scheduler_.Cancel(*pump_alarm_);
  pump_alarm_.reset();
  for (Jobs* const queue : {&fresh_, &retries_, &resting_}) {
    while (!queue->empty()) {
      GiveUp(queue->begin(), "shutting down", std::nullopt, ShuttingDown());
    }
  }
}

// ---- Starting attempts ------------------------------------------------------

void Dispatcher::Pump() {
  // An attempt may end while it is started; the outer loop goes on then.
  if (pumping_ || shutting_down_) return;
  pumping_ = true;
  while (StartNext()) {
  }
  pumping_ = false;
  PublishLoad();
}

bool Dispatcher::StartNext() {
  Jobs* const queue = NextQueue();
  if (queue == nullptr) return false;
  const TimePoint now = scheduler_.Now();
  HearNews();
  if (!breaker_.Allows(now)) {
    if (breaker_.is_open()) {
      PumpAt(
          std::min(breaker_.next_probe(), now + CircuitBreaker::kFirstPause));
    }
    return false;
  }
  if (sent_.size() >= concurrency_.limit()) return false;
  if (const TimePoint turn = pacer_.NextTurn(now); turn > now) {
    PumpAt(turn);
    return false;
  }
  if (LeavesTime(queue->front(), now)) {
    StartAttempt(queue->begin());
  } else {
    OnDeadline(queue->begin());
  }
  return true;
}

Dispatcher::Jobs* Dispatcher::NextQueue() {
  if (!retries_.empty() && retry_budget_.Allows(sent_.size() + 1))
    return &retries_;
  return fresh_.empty() ? nullptr : &fresh_;
}

// A retry that has no time for an answer would make what is known unknown.
bool Dispatcher::LeavesTime(const Job& job, TimePoint start) const {
  const bool is_retry = job.history.attempts() > 0;
  return start + (is_retry ? concurrency_.round_trip()
                           : ConcurrencyLimit::Duration::zero()) <
         job.deadline;
}

void Dispatcher::StartAttempt(Jobs::iterator job) {
  const TimePoint now = scheduler_.Now();
  Move(job, sent_);
  job->started_at = now;
  job->at_limit = sent_.size() >= concurrency_.limit();
  job->is_probe = breaker_.OnStart();
  job->is_retry = job->history.attempts() > 0;
  if (job->is_retry) retry_budget_.OnStart();
  pacer_.OnStart(now);
  const TimePoint deadline = std::min(job->deadline, now + kAttemptTimeout);
  transport_->Post(
      {.id = job->id,
       .destination = destination_,
       .body = job->body,
       .traceparent = job->traceparent,
       .deadline = deadline,
       // Where there is time for another attempt, no grace.
       .answer_by = deadline == job->deadline ? deadline + kGrace : deadline,
       .on_overdue = [this, job] { OnOverdue(job); }},
      [this, job](Transport::Outcome outcome) {
        OnAttemptDone(job, std::move(outcome));
      });
}

void Dispatcher::PumpAt(TimePoint when) {
  if (pump_alarm_.has_value()) scheduler_.Cancel(*pump_alarm_);
  pump_alarm_ = scheduler_.Set(when, [this] {
    pump_alarm_.reset();
    Pump();
  });
}

void Dispatcher::HearNews() {
  if (breaker_.is_open() && host_news_->AnsweredSince(breaker_.opened_at())) {
    breaker_.ProbeSoon(scheduler_.Now());
  }
}

void Dispatcher::PublishLoad() {
  const double per_second = std::min(pacer_.ExpectedRate(scheduler_.Now()),
                                     concurrency_.per_second());
  destination_->load().Publish(
      {.waiting = fresh_.size() + retries_.size(),
       .turns_per_second = per_second,
       .under_way = sent_.size(),
       .concurrency_limit = concurrency_.limit(),
       .rate = pacer_.rate(),
       .breaker_open = !breaker_.is_closed(),
       .limit_used_percent = pacer_.limit_used_percent(),
       .limit_used_until = pacer_.limit_used_until()});
}

// ---- Deliveries of one key --------------------------------------------------

bool Dispatcher::WaitsForAnother(Jobs::iterator job) {
  if (job->repeats.key.empty()) return false;
  const auto [group, is_new] =
      groups_.try_emplace(job->repeats.key, Group{.posted = job->id});
  if (is_new) return false;
  group->second.waiting.push_back(job->id);
  Move(job, sharing_);
  job->alarm = scheduler_.Set(job->deadline, [this, job] {
    job->alarm.reset();
    Conclude(job, OfTheOther(*job, kNoTime));
  });
  return true;
}

Verdict Dispatcher::OfTheOther(const Job& job, absl::string_view why) const {
  const Job& other = *jobs_.at(groups_.at(job.repeats.key).posted);
  return NothingOfTheOther(other.history, other.queue == &sent_, why);
}

void Dispatcher::EndGroup(const std::string& key, const Verdict& verdict) {
  const auto group = groups_.extract(key);
  for (const uint64_t id : group.mapped().waiting) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) continue;
    const Jobs::iterator job = found->second;
    if (verdict.kind == Verdict::Kind::kAccepted ||
        verdict.kind == Verdict::Kind::kRejected) {
      Conclude(job, Shared(verdict));
      continue;
    }
    // What became of the other's attempts is not known to this one, either.
    if (verdict.kind == Verdict::Kind::kUnknown) {
      job->history.Add(verdict, /*tried=*/false);
    }
    if (shutting_down_) {
      GiveUp(job, "shutting down", std::nullopt, ShuttingDown());
    } else if (!WaitsForAnother(job)) {
      Wait(job, fresh_);
      PumpAt(scheduler_.Now());
    }
  }
}

// ---- After an attempt -------------------------------------------------------

void Dispatcher::OnOverdue(Jobs::iterator job) {
  std::exchange(job->done, nullptr)(Overdue(job->history));
}

void Dispatcher::OnAttemptDone(Jobs::iterator job, Transport::Outcome outcome) {
  if (job->is_retry) retry_budget_.OnEnd();
  Learn(*job, outcome);
  Verdict verdict = Judge(outcome.result);
  verdict.upstream_message =
      destination_->redaction().Apply(std::move(verdict.upstream_message));
  const std::optional<absl::Duration> retry_after = verdict.retry_after;
  job->history.Add(std::move(verdict), outcome.tried);
  if (MayEndBetter(outcome.result) && !job->cancelled && !shutting_down_ &&
      scheduler_.Now() < job->deadline) {
    Rest(job, retry_after);
  } else {
    Verdict sum = job->history.Sum();
    if (!job->done && job->repeats.on_late_answer &&
        std::holds_alternative<HttpAnswer>(outcome.result)) {
      job->repeats.on_late_answer(sum);
    }
    Conclude(job, std::move(sum));
  }
  if (shutting_down_) return;
  if (breaker_.is_open()) {
    for (Jobs* const queue : {&fresh_, &retries_, &resting_}) {
      EndHopeless(*queue);
    }
  }
  Pump();
}

void Dispatcher::Learn(const Job& job, const Transport::Outcome& outcome) {
  const TimePoint now = scheduler_.Now();
  const TimePoint sent_at = outcome.sent_at.value_or(job.started_at);
  if (AttemptObserver* const observer = destination_->observer();
      observer != nullptr && outcome.tried) {
    std::optional<std::chrono::nanoseconds> time;
    if (outcome.sent_at.has_value()) time = now - *outcome.sent_at;
    observer->OnAttempt(outcome.result, time);
  }
  const bool was_closed = breaker_.is_closed();
  const double rate = pacer_.allowed_rate();
  const Sign sign =
      SignOf(outcome, std::max<std::chrono::nanoseconds>(now - job.started_at,
                                                         outcome.host_silent));
  breaker_.OnEnd(job.is_probe, sign, now, random_());
  if (sign == Sign::kWell) host_news_->OnAnswer(now);
  if (sign == Sign::kFailure || sign == Sign::kRefusal) {
    last_failure_ = Judge(outcome.result);
  }
  const auto* const answer = std::get_if<HttpAnswer>(&outcome.result);
  if (answer != nullptr) pacer_.OnAnswer(*answer, sent_at, now);
  // Of answers, only a success takes the time that the host's work takes.
  if (answer != nullptr && answer->status >= 200 && answer->status < 300) {
    concurrency_.OnAnswer(sent_at, now, job.at_limit);
  } else if (sign == Sign::kFailure && outcome.sent_at.has_value()) {
    concurrency_.OnOverload(sent_at, now);
  }
  Tell(outcome, was_closed, rate);
}

void Dispatcher::Tell(const Transport::Outcome& outcome, bool was_closed,
                      double rate) {
  AttemptObserver* const observer = destination_->observer();
  if (observer == nullptr) return;
  if (was_closed && !breaker_.is_closed()) observer->OnRest(last_failure_);
  if (!was_closed && breaker_.is_closed()) observer->OnWell();
  if (std::holds_alternative<HttpAnswer>(outcome.result) &&
      pacer_.allowed_rate() < rate) {
    observer->OnSlower(rate, pacer_.allowed_rate());
  }
}

void Dispatcher::Rest(Jobs::iterator job,
                      std::optional<absl::Duration> retry_after) {
  const TimePoint now = scheduler_.Now();
  TimePoint start =
      now + BackoffDelay(job->history.attempts(), retry_after, random_());
  if (breaker_.is_open()) start = std::max(start, breaker_.next_probe());
  if (!LeavesTime(*job, start)) {
    return GiveUp(job, kNoTime, absl::FromChrono(start - now), Verdict());
  }
  Move(job, resting_);
  job->alarm = scheduler_.Set(start, [this, job] {
    job->alarm.reset();
    Wait(job, retries_);
    Pump();
  });
}

// ---- Waiting ----------------------------------------------------------------

void Dispatcher::Wait(Jobs::iterator job, Jobs& queue) {
  Move(job, queue);
  if (EndIfHopeless(job)) return;
  job->alarm = scheduler_.Set(job->deadline, [this, job] {
    job->alarm.reset();
    OnDeadline(job);
  });
}

void Dispatcher::EndHopeless(Jobs& queue) {
  for (auto job = queue.begin(); job != queue.end();) EndIfHopeless(job++);
}

bool Dispatcher::EndIfHopeless(Jobs::iterator job) {
  HearNews();
  if (!breaker_.is_open() || breaker_.next_probe() < job->deadline) {
    return false;
  }
  GiveUp(job, "the host is not tried before the deadline",
         absl::FromChrono(breaker_.next_probe() - scheduler_.Now()),
         HostDown(last_failure_));
  return true;
}

void Dispatcher::OnDeadline(Jobs::iterator job) {
  if (!breaker_.is_closed()) {
    return GiveUp(job, kNoTime, std::nullopt, HostDown(last_failure_));
  }
  const TimePoint now = scheduler_.Now();
  if (pacer_.NextTurn(now) > now) {
    const auto waiting = static_cast<double>(fresh_.size() + retries_.size());
    return GiveUp(job, kNoTime,
                  absl::Seconds(waiting / pacer_.ExpectedRate(now)), Paced());
  }
  GiveUp(job, kNoTime, std::nullopt, AllBusy());
}

void Dispatcher::Move(Jobs::iterator job, Jobs& to) {
  CancelAlarm(*job);
  to.splice(to.end(), *job->queue, job);  // keeps the iterator
  job->queue = &to;
}

void Dispatcher::CancelAlarm(Job& job) {
  if (job.alarm.has_value()) scheduler_.Cancel(*job.alarm);
  job.alarm.reset();
}

// ---- The end of a delivery --------------------------------------------------

void Dispatcher::GiveUp(Jobs::iterator job, absl::string_view why,
                        std::optional<absl::Duration> retry_after,
                        Verdict not_tried) {
  Conclude(job, job->history.SumWithoutFurther(why, retry_after,
                                               std::move(not_tried)));
}

void Dispatcher::Conclude(Jobs::iterator job, Verdict verdict) {
  CancelAlarm(*job);
  DeliveryDone done = std::exchange(job->done, nullptr);
  const std::string key = std::move(job->repeats.key);
  const auto group = groups_.find(key);
  const bool was_posted =
      group != groups_.end() && group->second.posted == job->id;
  const bool others_wait_for_it = was_posted && !group->second.waiting.empty();
  if (was_posted && !others_wait_for_it) groups_.erase(group);
  jobs_.erase(job->id);
  job->queue->erase(job);
  PublishLoad();
  if (!others_wait_for_it) {
    if (done) done(std::move(verdict));
    return;
  }
  // It may remember the verdict, which those who come later ask for.
  if (done) done(verdict);
  EndGroup(key, verdict);
}

}  // namespace signal_delivery::client
