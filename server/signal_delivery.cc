// The delivery service: `signal_delivery --config=FILE [--ready-file=FILE]`.
//
// Exit codes: 0 after SIGTERM or SIGINT, when every call was answered; 2 wrong
// usage or configuration; 1 it cannot run on this machine (a port is taken).
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/integration.h"
#include "server/server.h"
#include "server/service_config.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace signal_delivery::server {
namespace {

constexpr int kExitCannotRun = 1;
constexpr int kExitBadConfiguration = 2;

// The signals that end the service. They are blocked in every thread, so that
// the main thread can wait for them.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Tells a program that started the service which ports it has. It appears as a
// whole or not at all.
bool WriteReadyFile(const std::string& path, const Server& server) {
  const std::string unfinished = path + ".tmp";
  std::ofstream file(unfinished);
  file << "{\"port\": " << server.port()
       << ", \"admin_port\": " << server.admin_port() << "}\n";
  file.close();
  return file.good() && std::rename(unfinished.c_str(), path.c_str()) == 0;
}

int Run(const std::string& config_file, const std::string& ready_file) {
  const sigset_t end_signals = BlockEndSignals();
  spdlog::set_default_logger(spdlog::stderr_logger_mt("signal_delivery"));

  const absl::StatusOr<ServiceConfig> config = LoadServiceConfig(config_file);
  if (!config.ok()) {
    std::cerr << config.status().message() << "\n";
    return kExitBadConfiguration;
  }
  absl::StatusOr<Integrations> integrations =
      LoadIntegrations(config->integrations_dir);
  if (!integrations.ok()) {
    std::cerr << integrations.status().message() << "\n";
    return kExitBadConfiguration;
  }
  const size_t integration_count = integrations->size();
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(*config, *std::move(integrations));
  if (!server.ok()) {
    std::cerr << server.status().message() << "\n";
    return kExitCannotRun;
  }
  if (!ready_file.empty() && !WriteReadyFile(ready_file, **server)) {
    std::cerr << "--ready-file: " << ready_file << " cannot be written\n";
    return kExitCannotRun;
  }
  spdlog::info("takes calls on port {}, admin port {}, {} integrations",
               (*server)->port(), (*server)->admin_port(), integration_count);

  int signal = 0;
  sigwait(&end_signals, &signal);
  spdlog::info("{}: draining for at most {} s", strsignal(signal),
               absl::ToInt64Seconds(config->drain));
  (*server)->Drain(config->drain);
  spdlog::info("every call is answered; bye");
  return 0;
}

}  // namespace
}  // namespace signal_delivery::server

int main(int argc, char** argv) {
  CLI::App app(
      "Takes Datafly Signal events over gRPC and delivers them to mParticle.");
  std::string config_file;
  app.add_option("--config", config_file, "The service's file (service.yaml)")
      ->required();
  std::string ready_file;
  app.add_option("--ready-file", ready_file,
                 "Written once calls are taken: {\"port\", \"admin_port\"}");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : signal_delivery::server::kExitBadConfiguration;
  }
  return signal_delivery::server::Run(config_file, ready_file);
}
