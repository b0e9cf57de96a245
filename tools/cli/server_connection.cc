#include "tools/cli/server_connection.h"

#include <cstdlib>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include "mapping/status_macros.h"
#include "server/access_config.h"
#include "server/file.h"
#include "tools/cli/event_text.h"
#include "tools/cli/limits.h"

namespace signal_delivery::cli {

namespace {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ReadCredentials(
    const CallOptions& options) {
  if (options.tls_ca.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  ASSIGN_OR_RETURN(tls.pem_root_certs, server::ReadFile(options.tls_ca));
  if (!options.tls_cert.empty()) {
    ASSIGN_OR_RETURN(tls.pem_cert_chain, server::ReadFile(options.tls_cert));
    ASSIGN_OR_RETURN(tls.pem_private_key, server::ReadFile(options.tls_key));
  }
  return grpc::SslCredentials(tls);
}

// "" where there is none.
absl::StatusOr<std::string> ReadToken(const CallOptions& options) {
  std::string token;
  std::string source = kTokenVariable;
  if (!options.token_file.empty()) {
    source = options.token_file;
    ASSIGN_OR_RETURN(token, server::ReadFile(source));
    token = std::string(absl::StripAsciiWhitespace(token));
  } else if (const char* const variable = std::getenv(kTokenVariable)) {
    token = variable;
  } else {
    return token;
  }
  // gRPC ends the process over others in a header.
  if (token.empty() || !absl::c_all_of(token, absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(
        absl::StrCat(source,
                     ": expected a token: letters, digits and marks, without "
                     "spaces"));
  }
  if (options.tls_ca.empty() && !server::IsLoopback(options.server)) {
    return absl::InvalidArgumentError(absl::StrCat(
        source, ": a token in plaintext is anyone's on the way to ",
        options.server, "; give --tls-ca"));
  }
  return token;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerConnection>> ServerConnection::Create(
    const CallOptions& options) {
  ASSIGN_OR_RETURN(const auto credentials, ReadCredentials(options));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options));
  return absl::WrapUnique(new ServerConnection(options, credentials, token));
}

ServerConnection::ServerConnection(
    const CallOptions& options,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    const std::string& token) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetUserAgentPrefix("signalctl");
  channel_ = grpc::CreateCustomChannel(options.server, credentials, arguments);
  stub_ = datafly::delivery::v1::DeliveryService::NewStub(channel_);
  if (!token.empty()) {
    context_.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
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
    terminal.err << "Is the service running, and is --server its address? "
                 << (options.tls_ca.empty()
                         ? "Does it want TLS (--tls-ca)?\n"
                         : "Does it want a certificate (--tls-cert)?\n");
  } else if (code == absl::StatusCode::kUnauthenticated) {
    terminal.err << "Give --token-file, or the --tls-cert of a caller that the "
                    "service knows.\n";
  } else if (code == absl::StatusCode::kDeadlineExceeded) {
    terminal.err
        << "Events may have been delivered. Send the same ones again, with a "
           "longer --timeout than "
        << absl::FormatDuration(options.timeout) << ".\n";
  }
  return kExitCallFailed;
}

}  // namespace signal_delivery::cli
