#ifndef SERVER_DELIVERY_SERVICE_H_
#define SERVER_DELIVERY_SERVICE_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "server/access_config.h"
#include "server/admission.h"
#include "server/call_info.h"
#include "server/call_log.h"
#include "server/callers.h"
#include "server/event_recorder.h"
#include "server/event_request.h"
#include "server/incoming_call.h"
#include "server/integration.h"
#include "server/live_integrations.h"
#include "server/recent_batches.h"
#include "server/tracer.h"
#include "server/unfinished_requests.h"

namespace signal_delivery::server {

// A call without a deadline gets this one.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(30);
// A call is answered so long before its deadline that the caller reads the
// answer and not DEADLINE_EXCEEDED; but a short deadline gives at most a
// quarter of itself away.
inline constexpr absl::Duration kAnswerMargin = absl::Milliseconds(100);

// The gRPC face of the service: takes a call, finds its integration, hands it
// to mapping and delivery, and answers. It takes requests as bytes, because it
// must tell the bad events of a request from the good ones (see EventRequest).
//
// Thread-safe. Borrows the integrations, the client and the certificates, which
// must outlive every call, as this must.
class DeliveryService final : public grpc::Service {
 public:
  using Clock = std::function<absl::Time()>;
  struct Options {
    Admission::Limits limits;
    // Absent: anyone may call everything.
    std::optional<std::vector<Caller>> callers;
    // Null where the port is plaintext.
    const ServerCertificates* certificates = nullptr;
    // Where callers find ERRORS.md.
    std::string errors_page;
    // How long a request may take to come.
    absl::Duration request_time;
    IncomingCall::OnReset on_reset;
    // Borrowed; null where the event debugger is off.
    EventRecorder* recorder = nullptr;
  };

  DeliveryService(const LiveIntegrations& integrations,
                  client::DeliveryClient& client, Tracer& tracer,
                  Options options, Clock clock);

  const Admission& admission() const { return admission_; }
  Callers& callers() { return callers_; }

 private:
  // What is known of a call, for the log and its trace: more and more as it is
  // taken in.
  struct Asked {
    absl::string_view method;
    std::chrono::steady_clock::time_point at;
    CallInfo info;
    std::string integration;  // the one that it names
  };

  // What a method does with a call of this caller, and its request.
  using Method = void (DeliveryService::*)(IncomingCall& call, Asked asked,
                                           const Caller& caller,
                                           const grpc::ByteBuffer& request);
  // A request that was taken in, and the integration that it is for.
  struct Admitted {
    Admission::Permit permit;
    std::unique_ptr<EventRequest> request;
    std::shared_ptr<const Integration> integration;
  };

  // Of a call of which the headers are there: reads its request where its
  // caller may make it.
  void Begin(IncomingCall& call, absl::string_view name, Method method);
  void Refuse(const Asked& asked, const absl::Status& status,
              IncomingCall& call);
  void TellOfRefusal(const Asked& asked, const absl::Status& status);

  // Takes calls of a method, by its name in the schema.
  void AddMethod(const std::string& name, Method method);
  void DeliverEvents(IncomingCall& call, Asked asked, const Caller& caller,
                     const grpc::ByteBuffer& request);
  void PreviewEvents(IncomingCall& call, Asked asked, const Caller& caller,
                     const grpc::ByteBuffer& request);

  // Answers that the call failed; its client may heed when to make it again.
  void Fail(const absl::Status& status, IncomingCall& call) const;
  // `time_left` is what the call has for its deliveries.
  absl::StatusOr<Admitted> Admit(const Caller& caller,
                                 const grpc::ByteBuffer& wire,
                                 absl::Duration time_left, Asked& asked);

  std::deque<std::string> paths_;  // of the methods; gRPC points to them
  const LiveIntegrations& integrations_;
  client::DeliveryClient& client_;
  Tracer& tracer_;
  Callers callers_;
  const std::string errors_page_;
  EventRecorder* const recorder_;
  const Clock clock_;
  CallLog log_;
  Admission admission_;
  UnfinishedRequests unfinished_;
  const IncomingCall::OnReset on_reset_;
  const std::shared_ptr<RecentBatches> taken_ =
      std::make_shared<RecentBatches>(kMaxTaken);
  RecentBatches refused_{kMaxRefused};
};

}  // namespace signal_delivery::server

#endif  // SERVER_DELIVERY_SERVICE_H_
