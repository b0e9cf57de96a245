#include "server/reloader.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/wall_clock.h"
#include "server/integration_changes.h"
#include "server/live_integrations.h"
#include "server/log.h"
#include "server/server_certificates.h"

namespace signal_delivery::server {
namespace {

void LogReload(const std::string& version_before, const IntegrationList& before,
               const LiveIntegrations& integrations) {
  const IntegrationChanges changes = Compare(before, integrations.All());
  Log(LogLevel::kInfo, "integrations are read again",
      {{"integrations", integrations.size()},
       {"version_before", version_before},
       {"development", integrations.development()},
       {"version", integrations.version()},
       {"added", changes.added},
       {"changed", changes.changed},
       {"removed", changes.removed}});
}

// Takes new and changed integrations into use. `error` is what the last time
// said: of the same again nobody needs to hear, unless they asked.
void Reload(LiveIntegrations& integrations, bool asked, std::string& error) {
  const std::string version = integrations.version();
  const IntegrationList all = integrations.All();
  const absl::StatusOr<bool> changed = integrations.Reload();
  const std::string before =
      std::exchange(error, std::string(changed.status().message()));
  if (!changed.ok()) {
    if (asked || error != before) {
      Log(LogLevel::kError, "the integrations stay as they were",
          {{"version", version}, {"error", error}});
    }
  } else if (*changed || asked || !before.empty()) {
    LogReload(version, all, integrations);
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
      Log(LogLevel::kError, "the certificate stays as it was",
          {{"error", error}});
    }
  } else if (*changed || asked || !before.empty()) {
    Log(LogLevel::kInfo, "the certificate is good",
        {{"until",
          absl::FormatTime(certificates.expiry(), absl::UTCTimeZone())}});
  }
}

// Takes the callers of the service's own file into use, likewise; `last` is
// what the last time said.
void Reload(ServiceFile& file, Callers& callers, bool asked,
            std::string& last) {
  const absl::StatusOr<ServiceFile::Change> change = file.Reload(callers);
  const std::string says =
      !change.ok() ? std::string(change.status().message())
      : change->needs_restart
          ? "what changed, besides callers, is heeded after a restart"
          : "";
  const std::string before = std::exchange(last, says);
  if (change.ok() && change->callers) {
    Log(LogLevel::kInfo, "the callers are new", {});
  }
  if (says.empty() || (says == before && !asked)) return;
  Log(change.ok() ? LogLevel::kWarn : LogLevel::kError,
      change.ok() ? "the service's file needs a restart"
                  : "the service's file stays as it was",
      {{change.ok() ? "hint" : "error", says}});
}

}  // namespace

Reloader::Reloader(ServiceFile file, Server& server)
    : file_(std::move(file)), server_(server) {}

void Reloader::Reload(bool asked) {
  server::Reload(file_, server_.callers(), asked, of_file_);
  server::Reload(server_.integrations(), asked, of_integrations_);
  if (server_.certificates() != nullptr) {
    server::Reload(*server_.certificates(), asked, of_certificates_);
  }
}

}  // namespace signal_delivery::server
