// The options that every command with events and a server has.
#ifndef TOOLS_CLI_CALL_OPTIONS_H_
#define TOOLS_CLI_CALL_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/time/time.h"

namespace signal_delivery::cli {

inline constexpr char kTokenVariable[] = "SIGNALCTL_TOKEN";

struct CallOptions {
  // Where the events are; "-" is standard input. Default: "-".
  std::string file = "-";
  // The delivery service, as gRPC names it. Default: 127.0.0.1:50051.
  std::string server = "127.0.0.1:50051";
  // Required.
  std::string integration;
  // PEM files. Without the first the connection is plaintext; the other two are
  // given together, with the first. Default: none.
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  // Holds the bearer token. Default: the environment variable kTokenVariable
  // holds it, or there is none.
  std::string token_file;
  // For the whole call. More than 0, at most 24 hours; default: 30 seconds.
  absl::Duration timeout = absl::Seconds(30);
  // JSON for a program instead of text for a person. Default: no.
  bool json = false;
};

// Where the service is and how to connect to it: a part of what follows, for
// commands without events.
void AddServerOptions(CLI::App& command, CallOptions& options);

// Makes `command` read its options into `options`, which must outlive it.
void AddCallOptions(CLI::App& command, CallOptions& options);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_CALL_OPTIONS_H_
