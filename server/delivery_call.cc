#include "server/delivery_call.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "server/reasons.h"
#include "server/reused_response.h"
#include "server/unique_names.h"

namespace signal_delivery::server {
namespace {

using client::Verdict;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::Reason;

// mParticle's answer to a batch that it takes.
constexpr int kHttpAccepted = 202;

// How often the batches of one user are posted to be halved in one call. One
// bad event among n takes log2(n) halvings, so this is enough for four among
// 100; and it keeps a request full of bad events from becoming thousands of
// posts.
constexpr int kMaxHalvings = 32;

bool HoldsBackTheNext(Verdict::Kind kind) {
  return kind == Verdict::Kind::kNotDelivered ||
         kind == Verdict::Kind::kUnknown;
}

Reason ReasonOf(const Verdict& verdict) {
  return verdict.shared && verdict.kind == Verdict::Kind::kAccepted
             ? Reason::REASON_TAKEN_EARLIER
             : server::ReasonOf(verdict.cause);
}

}  // namespace

void DeliveryCall::Start(Task task, absl::Time now, Shared shared, Done done) {
  std::shared_ptr<DeliveryCall>(
      new DeliveryCall(std::move(task), now, shared, std::move(done)))
      ->Run();
}

DeliveryCall::DeliveryCall(Task task, absl::Time now, Shared shared, Done done)
    : task_(std::move(task)),
      shared_(shared),
      done_(std::move(done)),
      recipient_(
          absl::StrCat(integration().id, " at ", integration().s2s_host)),
      started_(now) {}

void DeliveryCall::Run() {
  std::vector<const mapping::SourceEvent*> events = task_.request->sources();
  if (integration().skip_repeats) repeats_.TakeOut(events);
  mapped_ = integration().mapper->Map(events, started_);
  if (CountNames(mapped_, *integration().unique_names)) TellOfNames();
  absl::flat_hash_map<int, size_t> lane_indexes;
  for (mapping::PreparedBatch& batch : mapped_.batches) {
    const auto [lane, is_new] =
        lane_indexes.try_emplace(batch.lane, lanes_.size());
    if (is_new) lanes_.push_back({.halvings_left = kMaxHalvings});
    lanes_[lane->second].waiting.push_back(std::move(batch));
  }
  mapped_.batches.clear();
  // One more than there are, so that the call cannot end while it starts.
  open_lanes_ = lanes_.size() + 1;
  for (Lane& lane : lanes_) PostNext(lane);
  CloseLane();
}

void DeliveryCall::PostNext(Lane& lane) {
  while (!lane.waiting.empty()) {
    lane.posted = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    if (lane.parts_left == 0) {
      lane.first_part = lane.finished.size();
      lane.parts_left = 1;
    }
    if (WasRefusedLately(lane.posted)) {
      Halve(lane);
      continue;
    }
    if (!WasTakenLately(lane.posted)) return Post(lane);
    BatchOutcome taken{Reason::REASON_TAKEN_EARLIER};
    taken.verdict.http_status = kHttpAccepted;
    Finish(lane, std::move(lane.posted), std::move(taken));
  }
  CloseLane();
}

bool DeliveryCall::WasTakenLately(const mapping::PreparedBatch& batch) const {
  return integration().skip_repeats &&
         shared_.taken->Contains(recipient_, batch.id);
}

bool DeliveryCall::WasRefusedLately(const mapping::PreparedBatch& batch) const {
  return shared_.refused.Contains(recipient_, batch.id);
}

void DeliveryCall::Post(Lane& lane) {
  lane.body = std::make_shared<const std::string>(std::move(lane.posted.body));
  lane.posted_at = std::chrono::steady_clock::now();
  lane.span = shared_.tracer.BeginBatch(task_.info);
  client::Delivery delivery = {
      .destination = integration().destination,
      .body = lane.body,
      .deadline = task_.deadline,
      .cancellation = task_.cancellation,
      .traceparent = shared_.tracer.HandOn(task_.info, lane.span)};
  TellRepeats(lane, delivery);
  shared_.client.Deliver(std::move(delivery),
                         [self = shared_from_this(), &lane](Verdict verdict) {
                           self->OnVerdict(lane, std::move(verdict));
                         });
}

void DeliveryCall::TellRepeats(const Lane& lane,
                               client::Delivery& delivery) const {
  if (!integration().skip_repeats) return;
  delivery.key = lane.posted.id;
  // Of its own: the client may hold it longer than there is a call.
  struct Posted {
    std::shared_ptr<RecentBatches> taken;
    std::string recipient;
    std::string batch;
  };
  auto posted = std::make_shared<const Posted>(
      Posted{shared_.taken, recipient_, lane.posted.id});
  delivery.was_taken = [posted] {
    return posted->taken->Contains(posted->recipient, posted->batch);
  };
  delivery.on_late_answer = [posted](const Verdict& verdict) {
    if (verdict.kind == Verdict::Kind::kAccepted) {
      posted->taken->Remember(posted->recipient, posted->batch);
    }
  };
}

void DeliveryCall::OnVerdict(Lane& lane, Verdict verdict) {
  if (!verdict.shared) {
    integration().metrics->OnBatch(lane.posted.events.size(), lane.body->size(),
                                   verdict);
  }
  const bool some_are_at_fault =
      verdict.kind == Verdict::Kind::kRejected && lane.posted.events.size() > 1;
  if (some_are_at_fault) {
    shared_.refused.Remember(recipient_, lane.posted.id);
  }
  const bool is_halved = some_are_at_fault && lane.halvings_left > 0;
  TellOfPosted(lane, verdict, is_halved);
  if (is_halved) {
    --lane.halvings_left;
    lane.posted.body = *lane.body;
    Halve(lane);
    return PostNext(lane);
  }
  if (verdict.kind == Verdict::Kind::kAccepted) {
    shared_.taken->Remember(recipient_, lane.posted.id);
  }
  const bool hold_back = HoldsBackTheNext(verdict.kind) || some_are_at_fault;
  BatchOutcome outcome{
      some_are_at_fault ? Reason::REASON_FAULT_NOT_ISOLATED : ReasonOf(verdict),
      std::move(verdict)};
  KeepForRecorder(lane, outcome);
  const absl::Duration retry_after =
      hold_back ? RetryAfter(outcome) : absl::ZeroDuration();
  Finish(lane, std::move(lane.posted), std::move(outcome));
  if (hold_back) {
    AskForAllParts(lane);
    HoldBackTheRest(lane, retry_after);
  }
  PostNext(lane);
}

void DeliveryCall::Finish(Lane& lane, mapping::PreparedBatch batch,
                          BatchOutcome outcome) {
  --lane.parts_left;
  if (shared_.recorder != nullptr && outcome.body == nullptr) {
    outcome.body = std::make_shared<const std::string>(std::move(batch.body));
  }
  batch.body.clear();
  batch.body.shrink_to_fit();
  lane.finished.push_back(std::move(batch));
  lane.outcomes.push_back(std::move(outcome));
}

void DeliveryCall::Halve(Lane& lane) {
  ++lane.parts_left;
  auto [first, second] = integration().mapper->Halve(lane.posted);
  lane.waiting.push_front(std::move(second));
  lane.waiting.push_front(std::move(first));
}

void DeliveryCall::AskForAllParts(Lane& lane) {
  const absl::Duration retry_after = RetryAfter(lane.outcomes.back());
  for (size_t i = lane.first_part; i + 1 < lane.outcomes.size(); ++i) {
    lane.outcomes[i].reason = Reason::REASON_OTHER_PART_OPEN;
    lane.outcomes[i].verdict.retry_after = retry_after;
  }
}

void DeliveryCall::HoldBackTheRest(Lane& lane, absl::Duration retry_after) {
  for (mapping::PreparedBatch& batch : lane.waiting) {
    BatchOutcome held{Reason::REASON_EARLIER_BATCH_NOT_TAKEN};
    held.verdict.retry_after = retry_after;
    Finish(lane, std::move(batch), std::move(held));
  }
  lane.waiting.clear();
}

void DeliveryCall::CloseLane() {
  if (open_lanes_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  task_.executor([self = shared_from_this()] { self->Answer(); });
}

void DeliveryCall::Answer() {
  std::vector<BatchOutcome> outcomes;
  for (Lane& lane : lanes_) {
    std::move(lane.finished.begin(), lane.finished.end(),
              std::back_inserter(mapped_.batches));
    std::move(lane.outcomes.begin(), lane.outcomes.end(),
              std::back_inserter(outcomes));
  }
  ReusedResponse reused;
  DeliverEventsResponse& response = *reused;
  WriteResults(*task_.request, mapped_, outcomes, response);
  repeats_.WriteResults(response);
  for (const auto& result : response.results()) {
    integration().metrics->OnEvent(result.reason());
  }
  TellOfCall(response);
  Record(outcomes, response);
  done_(response);
}

void DeliveryCall::TellOfNames() const {
  shared_.log.OnManyNames(task_.info, integration().id,
                          integration().unique_names->count(), kMaxUniqueNames);
}

void DeliveryCall::TellOfPosted(const Lane& lane, const Verdict& verdict,
                                bool is_halved) const {
  const Reason reason = ReasonOf(verdict.cause);
  const mapping::PreparedBatch& batch = lane.posted;
  shared_.log.OnBatch(task_.info, integration().id,
                      {.reason = reason,
                       .verdict = verdict,
                       .events = batch.events.size(),
                       .source_request_id = batch.source_request_id.text(),
                       .is_halved = is_halved});
  if (!lane.span.has_value()) return;
  shared_.tracer.RecordBatch(
      task_.info, integration(),
      {.context = *lane.span,
       .start = TimeOf(lane.posted_at),
       .end = TimeOf(std::chrono::steady_clock::now()),
       .reason = reason,
       .verdict = verdict,
       .events = batch.events.size(),
       .source_request_id = batch.source_request_id.text()});
}

void DeliveryCall::TellOfCall(const DeliverEventsResponse& response) const {
  const absl::Time end = TimeOf(std::chrono::steady_clock::now());
  shared_.log.OnAnswer(task_.info, integration().id, response, end - started_);
  if (!shared_.tracer.Records(task_.info)) return;
  shared_.tracer.RecordCall(task_.info, {.start = started_,
                                         .end = end,
                                         .integration = integration().id,
                                         .response = &response});
}

absl::Time DeliveryCall::TimeOf(
    std::chrono::steady_clock::time_point when) const {
  return started_ + absl::FromChrono(when - task_.taken_in_at);
}

void DeliveryCall::KeepForRecorder(const Lane& lane,
                                   BatchOutcome& outcome) const {
  if (shared_.recorder == nullptr) return;
  outcome.body = lane.body;
  outcome.took =
      absl::FromChrono(std::chrono::steady_clock::now() - lane.posted_at);
}

void DeliveryCall::Record(absl::Span<const BatchOutcome> outcomes,
                          const DeliverEventsResponse& response) const {
  if (shared_.recorder == nullptr) return;
  shared_.recorder->Record(
      {.info = task_.info,
       .integration_id = integration().id,
       .environment = integration().environment,
       .request = *task_.request,
       .mapped = mapped_,
       .outcomes = outcomes,
       .repeats = repeats_,
       .response = response,
       .duration = absl::FromChrono(std::chrono::steady_clock::now() -
                                    task_.taken_in_at)});
}

}  // namespace signal_delivery::server
