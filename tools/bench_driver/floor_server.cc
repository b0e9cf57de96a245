// The least that a gRPC call can cost: a callback server of the same method as
// the service's that leaves the request unread and gives
// an empty answer. Prints its port; runs until it is killed.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace signal_delivery::bench {
namespace {

// As the service's.
constexpr int kMaxRequestBytes = 16 * 1024 * 1024;

class EmptyService final
    : public datafly::delivery::v1::DeliveryService::
          WithRawCallbackMethod_DeliverEvents<
              datafly::delivery::v1::DeliveryService::Service> {
 public:
  grpc::ServerUnaryReactor* DeliverEvents(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* /*request*/,
                                          grpc::ByteBuffer* response) override {
    const grpc::Slice nothing;
    *response = grpc::ByteBuffer(&nothing, 1);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int Main(int argc, char** argv) {
  std::string certificate;
  std::string private_key;
  CLI::App app("An empty DeliverEvents.");
  app.add_option("--certificate", certificate, "PEM; without it plaintext");
  app.add_option("--private-key", private_key, "PEM");
  CLI11_PARSE(app, argc, argv);
  std::shared_ptr<grpc::ServerCredentials> credentials =
      grpc::InsecureServerCredentials();
  if (!certificate.empty()) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back(
        {Contents(private_key), Contents(certificate)});
    credentials = grpc::SslServerCredentials(options);
  }
  EmptyService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 2;
  std::cout << port << std::endl;
  server->Wait();
  return 0;
}

}  // namespace
}  // namespace signal_delivery::bench

int main(int argc, char** argv) {
  return signal_delivery::bench::Main(argc, argv);
}
