#ifndef SERVER_DELIVERY_SERVICE_H_
#define SERVER_DELIVERY_SERVICE_H_

#include <chrono>
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
#include "server/event_request.h"
#include "server/integration.h"
#include "server/live_integrations.h"
#include "server/recent_batches.h"
#include "server/tracer.h"

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
class DeliveryService final
    : public datafly::delivery::v1::DeliveryService::
          WithRawCallbackMethod_DeliverEvents<
              datafly::delivery::v1::DeliveryService::
                  WithRawCallbackMethod_PreviewEvents<
                      datafly::delivery::v1::DeliveryService::Service>> {
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
  };

  DeliveryService(const LiveIntegrations& integrations,
                  client::DeliveryClient& client, Tracer& tracer,
                  Options options, Clock clock);

  const Admission& admission() const { return admission_; }
  Callers& callers() { return callers_; }

  grpc::ServerUnaryReactor* DeliverEvents(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* PreviewEvents(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

 private:
  // A request that was taken in, and the integration that it is for.
  struct Admitted {
    std::shared_ptr<const Caller> caller;
    Admission::Permit permit;
    std::unique_ptr<EventRequest> request;
    std::shared_ptr<const Integration> integration;
  };

  // What is known of a call, for the log and its trace: more and more as it is
  // taken in.
  struct Asked {
    absl::string_view method;
    std::chrono::steady_clock::time_point at;
    CallInfo info;
    std::string integration;  // the one that it names
  };

  Asked Begin(const grpc::CallbackServerContext& context,
              absl::string_view method) const;
  void TellOfRefusal(const Asked& asked, const absl::Status& status);
  // Answers that the call failed; its client may heed when to make it again.
  void Fail(const absl::Status& status, grpc::CallbackServerContext& context,
            grpc::ServerUnaryReactor& reactor) const;
  // `time_left` is what the call has for its deliveries.
  absl::StatusOr<Admitted> Admit(const grpc::CallbackServerContext& context,
                                 const grpc::ByteBuffer& wire,
                                 absl::Duration time_left, Asked& asked);

  const LiveIntegrations& integrations_;
  client::DeliveryClient& client_;
  Tracer& tracer_;
  Callers callers_;
  const std::string errors_page_;
  const Clock clock_;
  CallLog log_;
  Admission admission_;
  const std::shared_ptr<RecentBatches> taken_ =
      std::make_shared<RecentBatches>(kMaxTaken);
  RecentBatches refused_{kMaxRefused};
};

}  // namespace signal_delivery::server

#endif  // SERVER_DELIVERY_SERVICE_H_
