#include "tools/cli/server_connection.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include "tools/cli/event_text.h"
#include "tools/cli/limits.h"

namespace signal_delivery::cli {

ServerConnection::ServerConnection(const CallOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetUserAgentPrefix("signalctl");
  stub_ =
      datafly::delivery::v1::DeliveryService::NewStub(grpc::CreateCustomChannel(
          options.server, grpc::InsecureChannelCredentials(), arguments));
  context_.set_deadline(absl::ToChronoTime(absl::Now() + options.timeout));
}

ExitCode PrintAsJson(const google::protobuf::Message& response,
                     const Terminal& terminal) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(response, &json, options);
  if (!status.ok()) return BadResponse(status.ToString(), terminal);
  terminal.out << json;
  return kExitOk;
}

ExitCode BadResponse(absl::string_view what, const Terminal& terminal) {
  terminal.err << "signalctl: the server's response makes no sense: "
               << Printable(what) << "\n";
  return kExitCallFailed;
}

ExitCode CallFailed(const grpc::Status& status, const CallOptions& options,
                    const Terminal& terminal) {
  // gRPC's codes are Abseil's.
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  terminal.err << "signalctl: the call to " << options.server
               << " failed: " << absl::StatusCodeToString(code) << ": "
               << Printable(status.error_message()) << "\n";
  if (code == absl::StatusCode::kUnavailable) {
    terminal.err << "Is the service running, and is --server its address?\n";
  } else if (code == absl::StatusCode::kDeadlineExceeded) {
    terminal.err
        << "Events may have been delivered. Send the same ones again, with a "
           "longer --timeout than "
        << absl::FormatDuration(options.timeout) << ".\n";
  }
  return kExitCallFailed;
}

}  // namespace signal_delivery::cli
