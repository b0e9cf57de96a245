#ifndef TOOLS_CLI_SERVER_CONNECTION_H_
#define TOOLS_CLI_SERVER_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "google/protobuf/message.h"
#include "tools/cli/call_options.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// A channel to the delivery service, for one call. Connects with the call, past
// any proxy: the service is an internal one. Not thread-safe.
class ServerConnection {
 public:
  // The call's time starts to run here. The error says which file of `options`
  // cannot be used; a token is not sent in plaintext to another machine.
  static absl::StatusOr<std::unique_ptr<ServerConnection>> Create(
      const CallOptions& options);

  datafly::delivery::v1::DeliveryService::Stub& stub() { return *stub_; }
  // For stubs of the service's other services.
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }
  grpc::ClientContext& context() { return context_; }

 private:
  ServerConnection(const CallOptions& options,
                   const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                   const std::string& token);

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<datafly::delivery::v1::DeliveryService::Stub> stub_;
  grpc::ClientContext context_;
};

// The response for a program: JSON with the field names of the .proto, enums as
// text, and no field left out.
ExitCode PrintAsJson(const google::protobuf::Message& response,
                     const Terminal& terminal);

// Tells a person that the server did not keep to the schema's comments.
ExitCode BadResponse(absl::string_view what, const Terminal& terminal);

// Tells a person why the call has no results.
ExitCode CallFailed(const grpc::Status& status, const CallOptions& options,
                    const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_SERVER_CONNECTION_H_
