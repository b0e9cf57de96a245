#include "server/delivery_service.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/load.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "mapping/status_macros.h"
#include "server/delivery_call.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/repeats.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::PreviewEventsResponse;

grpc::Status Serialize(const google::protobuf::Message& message,
                       grpc::ByteBuffer* wire) {
  bool own_buffer;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter,
                                google::protobuf::Message>(message, wire,
                                                           &own_buffer);
}

// A DeliverEvents call: from its admission to gRPC's last word about it.
class DeliverReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit DeliverReactor(Admission::Permit permit)
      : permit_(std::move(permit)) {}

  std::stop_token cancellation() const { return cancellation_.get_token(); }

  void OnCancel() override { cancellation_.request_stop(); }
  void OnDone() override { delete this; }

 private:
  const Admission::Permit permit_;
  std::stop_source cancellation_;
};

}  // namespace

DeliveryService::DeliveryService(const LiveIntegrations& integrations,
                                 client::DeliveryClient& client,
                                 Options options, Clock clock)
    : integrations_(integrations),
      client_(client),
      errors_page_(std::move(options.errors_page)),
      clock_(std::move(clock)),
      admission_(options.limits) {}

grpc::ServerUnaryReactor* DeliveryService::DeliverEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  const absl::Time deadline = DeadlineOf(*context);
  absl::StatusOr<Admitted> admitted = Admit(*request, deadline);
  if (!admitted.ok()) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    Fail(admitted.status(), *context, *reactor);
    return reactor;
  }
  auto* const reactor = new DeliverReactor(std::move(admitted->permit));
  DeliveryCall::Start(
      {.request = std::move(admitted->request),
       .integration = std::move(admitted->integration),
       .deadline = deadline,
       .cancellation = reactor->cancellation()},
      clock_(), {client_, recent_},
      [reactor, response](const DeliverEventsResponse& results) {
        reactor->Finish(Serialize(results, response));
      });
  return reactor;
}

grpc::ServerUnaryReactor* DeliveryService::PreviewEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  // Nothing of a preview waits.
  const absl::StatusOr<Admitted> admitted =
      Admit(*request, absl::InfiniteFuture());
  if (!admitted.ok()) {
    Fail(admitted.status(), *context, *reactor);
    return reactor;
  }
  PreviewEventsResponse preview;
  std::vector<const datafly::signal::v1::Event*> events =
      EventsOf(*admitted->request);
  Repeats repeats;
  if (admitted->integration->skip_repeats) repeats.TakeOut(events);
  WritePreview(*admitted->request,
               admitted->integration->mapper->Explain(events, clock_()),
               preview);
  repeats.WriteResults(preview);
  reactor->Finish(Serialize(preview, response));
  return reactor;
}

void DeliveryService::Fail(const absl::Status& status,
                           grpc::CallbackServerContext& context,
                           grpc::ServerUnaryReactor& reactor) const {
  if (const std::optional<absl::Duration> retry_after = RetryAfterOf(status)) {
    // gRFC A6.
    context.AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        absl::StrCat(absl::ToInt64Milliseconds(*retry_after)));
  }
  reactor.Finish(ToGrpcStatus(status, errors_page_));
}

absl::StatusOr<DeliveryService::Admitted> DeliveryService::Admit(
    const grpc::ByteBuffer& wire, absl::Time deadline) {
  ASSIGN_OR_RETURN(const std::string id, ReadIntegrationId(wire));
  std::shared_ptr<const Integration> integration = integrations_.Find(id);
  if (integration == nullptr) return NoSuchIntegration(id);
  const client::Load& load = integration->destination->load();
  ASSIGN_OR_RETURN(Admission::Permit permit,
                   admission_.Admit(id, wire.Length(),
                                    absl::FromChrono(load.EstimatedWait()),
                                    deadline - clock_()));
  ASSIGN_OR_RETURN(std::unique_ptr<EventRequest> request,
                   EventRequest::Read(wire));
  return Admitted{std::move(permit), std::move(request),
                  std::move(integration)};
}

absl::Time DeliveryService::DeadlineOf(
    const grpc::CallbackServerContext& context) const {
  const absl::Time now = clock_();
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return now + kDefaultDeadline;
  }
  const absl::Duration remaining = absl::FromChrono(deadline) - now;
  return now + remaining - std::min(kAnswerMargin, remaining / 4);
}

}  // namespace signal_delivery::server
