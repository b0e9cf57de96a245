// The delivery service: `signal_delivery --config=FILE [--ready-file=FILE]`.
//
// SIGHUP, or a change of a file of an integration: the integrations are read
// again, all or nothing; so is the port's certificate.
//
// SIGTERM or SIGINT: says that it is about to end, and takes calls for as long
// as leave_seconds says or until told once more; then drains, and ends.
//
// Exit codes: 0 after SIGTERM or SIGINT, when every call was answered; 2 wrong
// usage or configuration; 1 it cannot run on this machine (a port is taken).
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/wall_clock.h"
#include "server/live_integrations.h"
#include "server/server.h"
#include "server/server_certificates.h"
#include "server/service_config.h"
#include "server/service_manager.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace signal_delivery::server {
namespace {

constexpr int kExitCannotRun = 1;
constexpr int kExitBadConfiguration = 2;

// How often the files are looked at, unasked.
constexpr absl::Duration kReloadInterval = absl::Seconds(2);

// The signals that the service heeds. They are blocked in every thread, so that
// the main thread can wait for them.
sigset_t SetOf(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  return signals;
}

// The one that came, or -1 after `time`.
int AwaitSignal(const sigset_t& signals, absl::Duration time) {
  const timespec timeout = absl::ToTimespec(time);
  return sigtimedwait(&signals, nullptr, &timeout);
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

std::string Describe(const LiveIntegrations& integrations) {
  return fmt::format("{} integrations, version {}", integrations.size(),
                     integrations.version());
}

// Takes new and changed integrations into use. `error` is what the last time
// said: of the same again nobody needs to hear, unless they asked.
void Reload(LiveIntegrations& integrations, bool asked, std::string& error) {
  const absl::StatusOr<bool> changed = integrations.Reload();
  const std::string before =
      std::exchange(error, std::string(changed.status().message()));
  if (!changed.ok()) {
    if (asked || error != before) {
      spdlog::error("the integrations stay as they were: {}", error);
    }
  } else if (*changed || asked || !before.empty()) {
    spdlog::info(Describe(integrations));
  }
}

// Takes a new pair of certificate and key into use, likewise.
void Reload(ServerCertificates& certificates, bool asked, std::string& error) {
  const absl::StatusOr<bool> changed =
      certificates.Reload(client::WallClockNow());
  const std::string before =
      std::exchange(error, std::string(changed.status().message()));
  if (!changed.ok()) {
    if (asked || error != before) {
      spdlog::error("the certificate stays as it was: {}", error);
    }
  } else if (*changed || asked || !before.empty()) {
    spdlog::info("the certificate is good until {}",
                 absl::FormatTime(certificates.expiry(), absl::UTCTimeZone()));
  }
}

// Returns the signal that ends the service.
int ServeUntilTold(const sigset_t& signals, const ServiceManager& manager,
                   Server& server) {
  const absl::Duration interval = std::min(
      kReloadInterval, manager.watchdog_interval().value_or(kReloadInterval));
  std::string integrations_error;
  std::string certificates_error;
  while (true) {
    const int signal = AwaitSignal(signals, interval);
    if (signal == SIGTERM || signal == SIGINT) return signal;
    const bool asked = signal == SIGHUP;
    if (asked) manager.Reloading();
    Reload(server.integrations(), asked, integrations_error);
    if (server.certificates() != nullptr) {
      Reload(*server.certificates(), asked, certificates_error);
    }
    if (asked) manager.Ready(Describe(server.integrations()));
    manager.Alive();
  }
}

int Run(const std::string& config_file, const std::string& ready_file) {
  const sigset_t signals = SetOf({SIGTERM, SIGINT, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  spdlog::set_default_logger(spdlog::stderr_logger_mt("signal_delivery"));

  const absl::StatusOr<ServiceConfig> config = LoadServiceConfig(config_file);
  if (!config.ok()) {
    std::cerr << config.status().message() << "\n";
    return kExitBadConfiguration;
  }
  absl::StatusOr<std::unique_ptr<LiveIntegrations>> integrations =
      LiveIntegrations::Load(config->integrations_dir);
  if (!integrations.ok()) {
    std::cerr << integrations.status().message() << "\n";
    return kExitBadConfiguration;
  }
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(*config, *std::move(integrations));
  if (!server.ok()) {
    std::cerr << server.status().message() << "\n";
    return absl::IsInvalidArgument(server.status()) ? kExitBadConfiguration
                                                    : kExitCannotRun;
  }
  if (!ready_file.empty() && !WriteReadyFile(ready_file, **server)) {
    std::cerr << "--ready-file: " << ready_file << " cannot be written\n";
    return kExitCannotRun;
  }
  LiveIntegrations& live = (*server)->integrations();
  const ServiceManager manager;
  manager.Ready(Describe(live));
  spdlog::info("takes calls on port {}, admin port {}; {}", (*server)->port(),
               (*server)->admin_port(), Describe(live));

  const int signal = ServeUntilTold(signals, manager, **server);
  manager.Stopping("draining");
  (*server)->Leave();
  if (config->leave > absl::ZeroDuration()) {
    spdlog::info("{}: ends in {} s; says so, and takes calls until then",
                 strsignal(signal), absl::ToInt64Seconds(config->leave));
    AwaitSignal(SetOf({SIGTERM, SIGINT}), config->leave);
  }
  spdlog::info("draining for at most {} s",
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
