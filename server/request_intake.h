#ifndef SERVER_REQUEST_INTAKE_H_
#define SERVER_REQUEST_INTAKE_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/access_config.h"
#include "server/admission.h"
#include "server/call_info.h"
#include "server/call_log.h"
#include "server/delivery_call.h"
#include "server/event_recorder.h"
#include "server/event_request.h"
#include "server/integration.h"
#include "server/live_integrations.h"
#include "server/recent_batches.h"
#include "server/tracer.h"

namespace signal_delivery::server {

// A request of more bytes or events takes some milliseconds to read and map.
inline constexpr size_t kMostBytesOfAShortRequest = size_t{256} * 1024;
inline constexpr size_t kMostEventsOfAShortRequest = 500;

// Takes a request from its bytes to its results, whether it is the only one of
// its call or one of a stream: finds its integration, sees that its caller may
// use it and that there is room, and hands it to mapping and delivery. Knows
// nothing of how it came and how its answer goes.
//
// Thread-safe. Borrows the integrations, the client, the tracer and the
// recorder, which must outlive every request, as this must.
class RequestIntake {
 public:
  using Clock = std::function<absl::Time()>;

  // `recorder` is null where the event debugger is off.
  RequestIntake(const LiveIntegrations& integrations,
                client::DeliveryClient& client, Tracer& tracer,
                EventRecorder* recorder, Admission::Limits limits, Clock clock);

  // What is known of a request, for the log and its trace: more and more as it
  // is taken in.
  struct Asked {
    std::chrono::steady_clock::time_point at;
    CallInfo info;
    std::string integration;  // the one that it names
  };

  // A request that was taken in, and the integration that it is for. The permit
  // is its caller's to hold until it is answered.
  struct Admitted {
    Admission::Permit permit;
    std::shared_ptr<const Integration> integration;
    // What follows keeps other calls waiting if it is done where they come in.
    bool takes_long;
  };

  // Reads none of its events. `time_left` is what the request has for its
  // deliveries. An error is what its caller is to be told; nothing was done for
  // it.
  absl::StatusOr<Admitted> Admit(const Caller& caller,
                                 const grpc::ByteBuffer& wire,
                                 absl::Duration time_left, Asked& asked);

  // Reads the events of a request that was admitted, delivers them, and calls
  // `done` once, by way of the executor. An error is as above, and then it does
  // not.
  absl::Status Deliver(std::shared_ptr<const Integration> integration,
                       const grpc::ByteBuffer& wire, Asked& asked,
                       absl::Duration time_left, std::stop_token cancellation,
                       DeliveryCall::Executor executor,
                       DeliveryCall::Done done);

  // For the log, and the trace of what would have been a delivery.
  void TellOfRefusal(const Asked& asked, const absl::Status& status);

  const Admission& admission() const { return admission_; }
  absl::Time Now() const { return clock_(); }

 private:
  const LiveIntegrations& integrations_;
  client::DeliveryClient& client_;
  Tracer& tracer_;
  EventRecorder* const recorder_;
  const Clock clock_;
  CallLog log_;
  Admission admission_;
  const std::shared_ptr<RecentBatches> taken_ =
      std::make_shared<RecentBatches>(kMaxTaken);
  RecentBatches refused_{kMaxRefused};
};

}  // namespace signal_delivery::server

#endif  // SERVER_REQUEST_INTAKE_H_
