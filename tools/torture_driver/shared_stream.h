#ifndef TOOLS_TORTURE_DRIVER_SHARED_STREAM_H_
#define TOOLS_TORTURE_DRIVER_SHARED_STREAM_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "tools/torture_driver/call_log.h"

namespace signal_delivery::torture {

// One replica's DeliverStream, for many callers at a time. Opens a stream when
// there is none, and another when one has ended or is `longest_use` old: that
// one is half-closed, after which the service answers all of it and ends it
// with OK. What a stream does that no request is told of goes into the log.
//
// Borrows the log. Thread-safe.
class SharedStream {
 public:
  using Service = ::datafly::delivery::v1::DeliveryService;

  // Often enough to see many, and long before the service ends one for its age.
  static constexpr absl::Duration kLongestUse = absl::Seconds(30);

  SharedStream(std::unique_ptr<Service::Stub> stub, int replica, CallLog& log,
               absl::Duration longest_use = kLongestUse);
  // When nobody waits in Deliver.
  ~SharedStream();

  // A request like a call of DeliverEvents, and what came of it: its own error,
  // or UNAVAILABLE or CANCELLED where its stream ended so before the response
  // came. DATA_LOSS for what the schema does not have, and where there is no
  // response `most_late` after `timeout`.
  grpc::Status Deliver(
      const datafly::delivery::v1::DeliverEventsRequest& request,
      absl::Duration timeout, absl::Duration most_late,
      datafly::delivery::v1::DeliverEventsResponse& response);

 private:
  class Stream;

  // The one for the next request.
  std::shared_ptr<Stream> Current();

  const std::unique_ptr<Service::Stub> stub_;
  const int replica_;
  CallLog& log_;
  const absl::Duration longest_use_;
  std::atomic<uint64_t> last_request_id_ = 0;
  std::mutex mutex_;
  std::shared_ptr<Stream> current_;  // guarded by mutex_
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_SHARED_STREAM_H_
