#include "server/delivery_call.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/reasons.h"
#include "server/unique_names.h"
#include "spdlog/spdlog.h"

namespace signal_delivery::server {
namespace {

using client::Verdict;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::Reason;

bool HoldsBackTheNext(Verdict::Kind kind) {
  return kind == Verdict::Kind::kNotDelivered ||
         kind == Verdict::Kind::kUnknown;
}

}  // namespace

void DeliveryCall::Start(std::unique_ptr<const EventRequest> request,
                         std::shared_ptr<const Integration> integration,
                         absl::Time now, absl::Time deadline,
                         client::DeliveryClient& client, Done done) {
  std::shared_ptr<DeliveryCall>(
      new DeliveryCall(std::move(request), std::move(integration), deadline,
                       client, std::move(done)))
      ->Run(now);
}

DeliveryCall::DeliveryCall(std::unique_ptr<const EventRequest> request,
                           std::shared_ptr<const Integration> integration,
                           absl::Time deadline, client::DeliveryClient& client,
                           Done done)
    : request_(std::move(request)),
      integration_(std::move(integration)),
      deadline_(deadline),
      client_(client),
      done_(std::move(done)) {}

void DeliveryCall::Run(absl::Time now) {
  mapped_ = integration_->mapper->Map(EventsOf(*request_), now);
  if (CountNames(mapped_, *integration_->unique_names)) {
    spdlog::warn(
        "integration {}: sent {} different event and screen names since the "
        "start; mParticle takes {} per workspace and drops events with others",
        integration_->id, integration_->unique_names->count(), kMaxUniqueNames);
  }
  outcomes_.resize(mapped_.batches.size());
  absl::flat_hash_map<int, size_t> lane_indexes;
  for (size_t i = 0; i < mapped_.batches.size(); ++i) {
    const auto [lane, is_new] =
        lane_indexes.try_emplace(mapped_.batches[i].lane, lanes_.size());
    if (is_new) lanes_.emplace_back();
    lanes_[lane->second].push_back(i);
  }
  // One more than there are, so that the call cannot end while it starts.
  open_lanes_ = lanes_.size() + 1;
  for (size_t lane = 0; lane < lanes_.size(); ++lane) Post(lane, 0);
  FinishLane();
}

void DeliveryCall::Post(size_t lane, size_t position) {
  mapping::PreparedBatch& batch = mapped_.batches[lanes_[lane][position]];
  client_.Deliver({.destination = integration_->destination,
                   .body = std::move(batch.body),
                   .deadline = deadline_},
                  [self = shared_from_this(), lane, position](Verdict verdict) {
                    self->OnVerdict(lane, position, std::move(verdict));
                  });
}

void DeliveryCall::OnVerdict(size_t lane, size_t position, Verdict verdict) {
  const std::vector<size_t>& batches = lanes_[lane];
  const bool hold_back = HoldsBackTheNext(verdict.kind);
  BatchOutcome& outcome = outcomes_[batches[position]];
  outcome = {ReasonOf(verdict.cause), std::move(verdict)};
  if (++position == batches.size()) return FinishLane();
  if (!hold_back) return Post(lane, position);
  for (; position < batches.size(); ++position) {
    BatchOutcome& held = outcomes_[batches[position]];
    held.reason = Reason::REASON_EARLIER_BATCH_NOT_TAKEN;
    held.verdict.retry_after = RetryAfter(outcome);
  }
  FinishLane();
}

void DeliveryCall::FinishLane() {
  if (open_lanes_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  google::protobuf::Arena arena;
  auto* response =
      google::protobuf::Arena::CreateMessage<DeliverEventsResponse>(&arena);
  WriteResults(*request_, mapped_, outcomes_, *response);
  done_(*response);
}

}  // namespace signal_delivery::server
