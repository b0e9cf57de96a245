// mparticle_sandbox: an HTTPS stand-in for mParticle's Events API. README.md in
// this folder tells how to use it.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::sandbox {
namespace {

constexpr int kExitBadArguments = 2;

struct Arguments {
  std::string listen = "127.0.0.1:8443";
  std::string certificate_path;
  std::string key_path;
  std::string ca_out_path;
  std::string faults_path;
  std::string ready_path;
  std::string poison;
  std::string poison_413;
  SandboxOptions options;
};

void Describe(CLI::App& app, Arguments& arguments) {
  app.add_option("--listen", arguments.listen,
                 "IP address and port; port 0 takes a free one")
      ->capture_default_str();
  CLI::Option* certificate =
      app.add_option("--cert", arguments.certificate_path,
                     "server certificate chain (PEM); default: made at start");
  CLI::Option* key = app.add_option("--key", arguments.key_path,
                                    "private key of --cert (PEM)");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option("--ca-out", arguments.ca_out_path,
                 "file for the certificate that clients have to trust")
      ->excludes(certificate);
  app.add_option("--api-key", arguments.options.api_key)->capture_default_str();
  app.add_option("--api-secret", arguments.options.api_secret)
      ->capture_default_str();
  app.add_option("--record", arguments.options.record_path,
                 "file to append a JSON line to for every request");
  app.add_option("--faults", arguments.faults_path,
                 "file with the faults to play (JSON lines or array); read "
                 "again on SIGHUP");
  app.add_option("--rate-limit", arguments.options.rate_limit.per_second,
                 "batches that may come in a second; 0: any number")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--acceleration-limit", arguments.options.rate_limit.growth,
                 "by how many a second's batches may outnumber those of the "
                 "second before; 0: any number")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--retry-after", arguments.options.rate_limit.retry_after,
                 "the Retry-After of a batch over a limit; default: none");
  app.add_option("--poison", arguments.poison,
                 "refuse batches with this text in a source_message_id (400)");
  app.add_option("--poison-413", arguments.poison_413,
                 "the same, refused as too large (413)");
  app.add_option("--ready-file", arguments.ready_path,
                 "file that appears when the sandbox listens");
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return text.str();
}

// Under another name first, so that a reader never sees half of it.
absl::Status WriteFile(const std::string& path, const std::string& text) {
  const std::string draft = absl::StrCat(path, ".", getpid(), ".tmp");
  std::ofstream file(draft, std::ios::binary);
  file << text;
  file.close();
  if (!file || rename(draft.c_str(), path.c_str()) != 0) {
    unlink(draft.c_str());
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

absl::Status ReadInto(const std::string& path, std::string& out) {
  if (path.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  out = *std::move(text);
  return absl::OkStatus();
}

absl::Status SetListen(const std::string& listen, SandboxOptions& options) {
  const std::size_t colon = listen.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen must be ADDRESS:PORT, is ", listen));
  }
  absl::string_view address = absl::string_view(listen).substr(0, colon);
  if (absl::ConsumePrefix(&address, "[")) absl::ConsumeSuffix(&address, "]");
  options.address = std::string(address);
  options.port = port;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Sandbox>> StartFrom(const Arguments& arguments) {
  SandboxOptions options = arguments.options;
  for (const absl::Status& status :
       {SetListen(arguments.listen, options),
        ReadInto(arguments.certificate_path, options.certificate_pem),
        ReadInto(arguments.key_path, options.private_key_pem),
        ReadInto(arguments.faults_path, options.faults)}) {
    if (!status.ok()) return status;
  }
  if (!arguments.poison.empty()) {
    options.poisons.push_back({arguments.poison, 400});
  }
  if (!arguments.poison_413.empty()) {
    options.poisons.push_back({arguments.poison_413, 413});
  }
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = Sandbox::Start(options);
  if (!sandbox.ok()) return sandbox;
  const std::string ready =
      nlohmann::json({{"address", (*sandbox)->address()}}).dump() + "\n";
  if (!arguments.ca_out_path.empty()) {
    absl::Status status =
        WriteFile(arguments.ca_out_path, (*sandbox)->ca_certificate_pem());
    if (!status.ok()) return status;
  }
  if (!arguments.ready_path.empty()) {
    absl::Status status = WriteFile(arguments.ready_path, ready);
    if (!status.ok()) return status;
  }
  std::cout << ready << std::flush;
  return sandbox;
}

// A wrong script changes nothing.
void ReadFaultsAgain(const std::string& path, Sandbox& sandbox) {
  std::string script;
  absl::Status status = ReadInto(path, script);
  if (status.ok()) status = sandbox.SetFaults(script);
  if (!status.ok()) {
    std::cerr << "mparticle_sandbox: " << status.message() << "\n";
  }
}

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("HTTPS stand-in for mParticle's Events API.",
               "mparticle_sandbox");
  Describe(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitBadArguments;
  }

  // Blocked before any thread starts, so that only sigwait sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = StartFrom(arguments);
  if (!sandbox.ok()) {
    std::cerr << "mparticle_sandbox: " << sandbox.status().message() << "\n";
    return kExitBadArguments;
  }
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    ReadFaultsAgain(arguments.faults_path, **sandbox);
  }
  return 0;
}

}  // namespace
}  // namespace signal_delivery::sandbox

int main(int argc, char** argv) {
  return signal_delivery::sandbox::Main(argc, argv);
}
