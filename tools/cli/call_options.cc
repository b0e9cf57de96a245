#include "tools/cli/call_options.h"

namespace signal_delivery::cli {
namespace {

constexpr absl::Duration kMaxTimeout = absl::Hours(24);

void AddAccessOptions(CLI::App& command, CallOptions& options) {
  CLI::Option* const ca =
      command
          .add_option("--tls-ca", options.tls_ca,
                      "Connect with TLS to a service whose certificate leads "
                      "to one of these (PEM)")
          ->type_name("FILE");
  CLI::Option* const cert =
      command
          .add_option("--tls-cert", options.tls_cert,
                      "The certificate to show the service (PEM)")
          ->needs(ca)
          ->type_name("FILE");
  CLI::Option* const key =
      command.add_option("--tls-key", options.tls_key, "Its private key (PEM)")
          ->needs(cert)
          ->type_name("FILE");
  cert->needs(key);
  command
      .add_option("--token-file", options.token_file,
                  std::string("Holds the bearer token to show the service; "
                              "without it the variable ") +
                      kTokenVariable + ", where it is set")
      ->type_name("FILE");
}

}  // namespace

void AddServerOptions(CLI::App& command, CallOptions& options) {
  command
      .add_option("--server", options.server,
                  "The delivery service; default " + options.server)
      ->type_name("HOST:PORT");
  AddAccessOptions(command, options);
}

void AddCallOptions(CLI::App& command, CallOptions& options) {
  command.add_option("FILE", options.file,
                     "Events as Signal's JSON: an object, an array, or JSON "
                     "lines. - is standard input, the default");
  command
      .add_option("--integration", options.integration,
                  "The integration's id: its configuration file's name")
      ->required()
      ->type_name("ID");
  AddServerOptions(command, options);
  command
      .add_option_function<std::string>(
          "--timeout",
          [&options](const std::string& text) {
            if (!absl::ParseDuration(text, &options.timeout) ||
                options.timeout <= absl::ZeroDuration() ||
                options.timeout > kMaxTimeout) {
              throw CLI::ValidationError(
                  "--timeout",
                  "expected a duration of up to 24h, such as 30s, "
                  "500ms or 1m30s");
            }
          },
          "For the whole call; default 30s")
      ->type_name("DURATION");
  command
      .add_option_function<std::string>(
          "--output",
          [&options](const std::string& text) {
            options.json = text == "json";
          },
          "table for a person, the default; json for a program: the response's "
          "fields under their names in delivery_service.proto")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
}

}  // namespace signal_delivery::cli
