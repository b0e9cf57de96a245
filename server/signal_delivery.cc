// The delivery service: `signal_delivery --config=FILE [--ready-file=FILE]`.
//
// SIGHUP, or a change of a file: see Reloader.
//
// SIGTERM or SIGINT: says that it is about to end, and takes calls for as long
// as leave_seconds says or until told once more; then drains, and ends.
//
// The log is on standard error; see log.h.
//
// Exit codes: 0 after SIGTERM or SIGINT, when every call was answered; 2 wrong
// usage or configuration; 1 it cannot run on this machine (a port is taken).
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/command_line.h"
#include "server/core_files.h"
#include "server/descriptors.h"
#include "server/live_integrations.h"
#include "server/log.h"
#include "server/reloader.h"
#include "server/server.h"
#include "server/service_config.h"
#include "server/service_file.h"
#include "server/service_manager.h"
#include "server/version.h"

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
  const std::string development = integrations.development();
  return absl::StrCat(integrations.size(), " integrations",
                      development.empty()
                          ? ""
                          : absl::StrCat(" (development: ", development, ")"),
                      ", version ", integrations.version());
}

// Returns the signal that ends the service.
int ServeUntilTold(const sigset_t& signals, const ServiceManager& manager,
                   Reloader& reloader, Server& server) {
  const absl::Duration interval = std::min(
      kReloadInterval, manager.watchdog_interval().value_or(kReloadInterval));
  while (true) {
    const int signal = AwaitSignal(signals, interval);
    if (signal == SIGTERM || signal == SIGINT) return signal;
    const bool asked = signal == SIGHUP;
    if (asked) manager.Reloading();
    reloader.Reload(asked);
    if (asked) {
      server.TryKeysAgain();
      Log(LogLevel::kInfo, "keys that were refused are tried at once", {});
      manager.Ready(Describe(server.integrations()));
    }
    manager.Alive();
  }
}

int CannotStart(absl::string_view error, int exit_code) {
  Log(LogLevel::kError, "cannot start",
      {{"error", error}, {"exit_code", exit_code}});
  return exit_code;
}

int Run(const std::string& config_file, const std::string& ready_file) {
  const sigset_t signals = SetOf({SIGTERM, SIGINT, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const LogOutput log_output;
  Log(LogLevel::kInfo, "starts", {{"version", kVersion}, {"pid", getpid()}});
  RaiseMaxDescriptors();

  const absl::StatusOr<ServiceConfig> config = LoadServiceConfig(config_file);
  if (!config.ok()) {
    return CannotStart(config.status().message(), kExitBadConfiguration);
  }
  SetLogLevel(config->log_level);
  // Before there is a secret in memory.
  if (!config->core_files) ForbidCoreFiles();
  absl::StatusOr<std::unique_ptr<LiveIntegrations>> integrations =
      LiveIntegrations::Load(config->integrations_dir);
  if (!integrations.ok()) {
    return CannotStart(integrations.status().message(), kExitBadConfiguration);
  }
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(*config, *std::move(integrations));
  if (!server.ok()) {
    return CannotStart(server.status().message(),
                       absl::IsInvalidArgument(server.status())
                           ? kExitBadConfiguration
                           : kExitCannotRun);
  }
  if (!ready_file.empty() && !WriteReadyFile(ready_file, **server)) {
    return CannotStart(
        absl::StrCat("--ready-file: ", ready_file, " cannot be written"),
        kExitCannotRun);
  }
  LiveIntegrations& live = (*server)->integrations();
  const ServiceManager manager;
  manager.Ready(Describe(live));
  Log(LogLevel::kInfo, "takes calls",
      {{"port", (*server)->port()},
       {"admin_port", (*server)->admin_port()},
       {"integrations", live.size()},
       {"development", live.development()},
       {"version", live.version()}});

  Reloader reloader(ServiceFile(config_file, *config), **server);
  const int signal = ServeUntilTold(signals, manager, reloader, **server);
  manager.Stopping("draining");
  (*server)->Leave();
  if (config->leave > absl::ZeroDuration()) {
    Log(LogLevel::kInfo, "is about to end; says so, and still takes calls",
        {{"signal", strsignal(signal)},
         {"seconds", absl::ToInt64Seconds(config->leave)}});
    AwaitSignal(SetOf({SIGTERM, SIGINT}), config->leave);
  }
  Log(LogLevel::kInfo, "drains: takes no more calls",
      {{"signal", strsignal(signal)},
       {"seconds_at_most", absl::ToInt64Seconds(config->drain)}});
  (*server)->Drain(config->drain);
  Log(LogLevel::kInfo, "ends: every call is answered", {});
  return 0;
}

}  // namespace
}  // namespace signal_delivery::server

int main(int argc, char** argv) {
  // Debian builds Abseil with the search for deadlocks on, which every lock of
  // gRPC's pays for.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  signal_delivery::server::CommandLine line;
  const std::unique_ptr<CLI::App> app =
      signal_delivery::server::CommandLineOf(line);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app->exit(error);
    return code == 0 ? 0 : signal_delivery::server::kExitBadConfiguration;
  }
  return signal_delivery::server::Run(line.config_file, line.ready_file);
}
