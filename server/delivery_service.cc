#include "server/delivery_service.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
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

// A request and the integration that it is for.
struct Addressed {
  std::unique_ptr<EventRequest> request;
  std::shared_ptr<const Integration> integration;
};

absl::StatusOr<Addressed> Address(const grpc::ByteBuffer& wire,
                                  const Integrations& integrations) {
  Addressed addressed;
  ASSIGN_OR_RETURN(addressed.request, EventRequest::Read(wire));
  const auto found = integrations.find(addressed.request->integration_id());
  if (found == integrations.end()) {
    return NoSuchIntegration(addressed.request->integration_id());
  }
  addressed.integration = found->second;
  return addressed;
}

grpc::Status Serialize(const google::protobuf::Message& message,
                       grpc::ByteBuffer* wire) {
  bool own_buffer;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter,
                                google::protobuf::Message>(message, wire,
                                                           &own_buffer);
}

}  // namespace

DeliveryService::DeliveryService(Integrations integrations,
                                 client::DeliveryClient& client, Clock clock)
    : integrations_(std::move(integrations)),
      client_(client),
      clock_(std::move(clock)) {}

grpc::ServerUnaryReactor* DeliveryService::DeliverEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Addressed> addressed = Address(*request, integrations_);
  if (!addressed.ok()) {
    reactor->Finish(ToGrpcStatus(addressed.status()));
    return reactor;
  }
  DeliveryCall::Start(
      std::move(addressed->request), std::move(addressed->integration),
      clock_(), DeadlineOf(*context), {client_, recent_},
      [reactor, response](const DeliverEventsResponse& results) {
        reactor->Finish(Serialize(results, response));
      });
  return reactor;
}

grpc::ServerUnaryReactor* DeliveryService::PreviewEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Addressed> addressed = Address(*request, integrations_);
  if (!addressed.ok()) {
    reactor->Finish(ToGrpcStatus(addressed.status()));
    return reactor;
  }
  PreviewEventsResponse preview;
  std::vector<const datafly::signal::v1::Event*> events =
      EventsOf(*addressed->request);
  Repeats repeats;
  if (addressed->integration->skip_repeats) repeats.TakeOut(events);
  WritePreview(*addressed->request,
               addressed->integration->mapper->Explain(events, clock_()),
               preview);
  repeats.WriteResults(preview);
  reactor->Finish(Serialize(preview, response));
  return reactor;
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
