#ifndef SERVER_DELIVERY_CALL_H_
#define SERVER_DELIVERY_CALL_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "mapping/mapper.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/integration.h"

namespace signal_delivery::server {

// One DeliverEvents call from its mapped events to its response: posts the
// batches of one user in order, those of different users side by side, and
// answers once each has its outcome. A batch that was not taken, or of which
// nothing is known, holds back the later ones of its user: sent again together,
// they are the same batches again.
//
// Keeps itself alive until it has answered. Borrows the client.
class DeliveryCall : public std::enable_shared_from_this<DeliveryCall> {
 public:
  using Done =
      std::function<void(const datafly::delivery::v1::DeliverEventsResponse&)>;

  // Delivers by `deadline`; then calls `done` once, on any thread.
  static void Start(std::unique_ptr<const EventRequest> request,
                    std::shared_ptr<const Integration> integration,
                    absl::Time now, absl::Time deadline,
                    client::DeliveryClient& client, Done done);

 private:
  DeliveryCall(std::unique_ptr<const EventRequest> request,
               std::shared_ptr<const Integration> integration,
               absl::Time deadline, client::DeliveryClient& client, Done done);

  void Run(absl::Time now);
  // Posts the batch at `position` of a lane, and then the next ones.
  void Post(size_t lane, size_t position);
  void OnVerdict(size_t lane, size_t position, client::Verdict verdict);
  void FinishLane();

  const std::unique_ptr<const EventRequest> request_;
  const std::shared_ptr<const Integration> integration_;
  const absl::Time deadline_;
  client::DeliveryClient& client_;
  const Done done_;

  mapping::MappedEvents mapped_;
  // Indexes of mapped_.batches, by lane.
  std::vector<std::vector<size_t>> lanes_;
  // By batch. Each is written by its lane alone, and read when all are done.
  std::vector<BatchOutcome> outcomes_;
  std::atomic<size_t> open_lanes_ = 0;
};

}  // namespace signal_delivery::server

#endif  // SERVER_DELIVERY_CALL_H_
