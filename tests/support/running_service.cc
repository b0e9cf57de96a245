#include "tests/support/running_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/live_integrations.h"
#include "server/service_config.h"

namespace signal_delivery::support {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliveryService;
using ::datafly::delivery::v1::PreviewEventsRequest;

template <typename Request>
Request MakeRequest(const Events& events, const std::string& integration) {
  Request request;
  request.set_integration_id(integration);
  request.mutable_events()->Add(events.begin(), events.end());
  return request;
}

}  // namespace

RunningService::RunningService(
    const std::map<std::string, std::string>& integrations,
    const std::string& more, const server::ConnectionLimits& limits) {
  for (const auto& [id, text] : integrations) WriteIntegration(id, text);
  const auto config = server::LoadServiceConfig(folder_.Write(
      "service.yaml", absl::StrCat("listen: 127.0.0.1:0\n"
                                   "admin_listen: 127.0.0.1:0\n"
                                   "integrations_dir: integrations\n",
                                   more)));
  server_ =
      server::Server::Start(
          config.value(),
          server::LiveIntegrations::Load(config->integrations_dir).value(),
          limits)
          .value();
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                 grpc::InsecureChannelCredentials());
}

void RunningService::WriteIntegration(const std::string& id,
                                      const std::string& text) const {
  folder_.Write(absl::StrCat("integrations/", id, ".yaml"), text);
}

DeliverReply RunningService::Deliver(const Events& events,
                                     const std::string& integration,
                                     absl::Duration timeout) {
  DeliverReply reply;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  reply.status = DeliveryService::NewStub(channel_)->DeliverEvents(
      &context, MakeRequest<DeliverEventsRequest>(events, integration),
      &reply.response);
  return reply;
}

PreviewReply RunningService::Preview(const Events& events,
                                     const std::string& integration) {
  PreviewReply reply;
  grpc::ClientContext context;
  reply.status = DeliveryService::NewStub(channel_)->PreviewEvents(
      &context, MakeRequest<PreviewEventsRequest>(events, integration),
      &reply.response);
  return reply;
}

DeliverReply RunningService::CallWithBytes(const std::string& wire,
                                           const std::string& method) {
  DeliverReply reply;
  grpc::ClientContext context;
  const grpc::Slice slice(wire);
  const grpc::ByteBuffer request(&slice, 1);
  absl::Notification done;
  grpc::TemplatedGenericStub<grpc::ByteBuffer,
                             datafly::delivery::v1::DeliverEventsResponse>(
      channel_)
      .UnaryCall(
          &context,
          absl::StrCat("/", DeliveryService::service_full_name(), "/", method),
          {}, &request, &reply.response, [&](grpc::Status status) {
            reply.status = std::move(status);
            done.Notify();
          });
  done.WaitForNotification();
  return reply;
}

}  // namespace signal_delivery::support
