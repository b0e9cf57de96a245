#ifndef TOOLS_TORTURE_DRIVER_SHARED_STREAM_H_
#define TOOLS_TORTURE_DRIVER_SHARED_STREAM_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"

namespace signal_delivery::torture {

// One replica's DeliverStream, for many callers at a time. Opens a stream when
// there is none, and another when one has ended or is half a minute old: that
// one is half-closed, after which the service answers all of it.
//
// Thread-safe.
class SharedStream {
 public:
  using Service = ::datafly::delivery::v1::DeliveryService;

  explicit SharedStream(std::unique_ptr<Service::Stub> stub);
  // When nobody waits in Deliver.
  ~SharedStream();

  // A request like a call of DeliverEvents, and what came of it: its own error;
  // what its stream ended with before the response came; DATA_LOSS where the
  // stream ended well and without it; INTERNAL where it is not there long after
  // `timeout`.
  grpc::Status Deliver(
      const datafly::delivery::v1::DeliverEventsRequest& request,
      absl::Duration timeout,
      datafly::delivery::v1::DeliverEventsResponse& response);

 private:
  class Stream;

  // The one for the next request.
  std::shared_ptr<Stream> Current();

  const std::unique_ptr<Service::Stub> stub_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<Stream> current_;
  uint64_t last_request_id_ = 0;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_SHARED_STREAM_H_
