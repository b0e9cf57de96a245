#include "tests/support/caller.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::support {
namespace {

using ::datafly::delivery::v1::DeliveryService;

template <typename Request>
Request MakeRequest(const std::string& integration) {
  Request request;
  request.set_integration_id(integration);
  *request.add_events() = LoggedIn("m-0", "u-1");
  return request;
}

void Show(const std::vector<std::string>& authorizations,
          grpc::ClientContext& context) {
  for (const std::string& value : authorizations) {
    context.AddMetadata("authorization", value);
  }
}

}  // namespace

Caller Caller::Plaintext(int port) {
  return Caller(port, grpc::InsecureChannelCredentials());
}

Caller Caller::Tls(int port) {
  return Caller(port, grpc::SslCredentials({.pem_root_certs = AuthorityPem()}));
}

Caller Caller::Tls(int port, const Identity& identity) {
  return Caller(port,
                grpc::SslCredentials({.pem_root_certs = AuthorityPem(),
                                      .pem_private_key = identity.private_key,
                                      .pem_cert_chain = identity.certificate}));
}

Caller::Caller(int port, const std::shared_ptr<grpc::ChannelCredentials>& how) {
  grpc::ChannelArguments arguments;
  // Or equal channels would share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), how,
                                       arguments);
}

Caller& Caller::With(std::vector<std::string> authorizations) {
  authorizations_ = std::move(authorizations);
  return *this;
}

grpc::Status Caller::Deliver(const std::string& integration) {
  grpc::ClientContext context;
  Show(authorizations_, context);
  datafly::delivery::v1::DeliverEventsResponse response;
  return DeliveryService::NewStub(channel_)->DeliverEvents(
      &context,
      MakeRequest<datafly::delivery::v1::DeliverEventsRequest>(integration),
      &response);
}

grpc::Status Caller::Preview(const std::string& integration) {
  grpc::ClientContext context;
  Show(authorizations_, context);
  datafly::delivery::v1::PreviewEventsResponse response;
  return DeliveryService::NewStub(channel_)->PreviewEvents(
      &context,
      MakeRequest<datafly::delivery::v1::PreviewEventsRequest>(integration),
      &response);
}

std::string AuthorityPem() {
  std::ifstream file(TestCertificates::Get().ca_file());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  google::rpc::ErrorInfo info;
  for (const auto& detail : details.details()) detail.UnpackTo(&info);
  return info.reason();
}

}  // namespace signal_delivery::support
