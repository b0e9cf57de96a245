#ifndef SERVER_LIVE_INTEGRATIONS_H_
#define SERVER_LIVE_INTEGRATIONS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/wall_clock.h"
#include "server/integration.h"

namespace signal_delivery::server {

// Stands for all that the integrations' files say, in 12 hexadecimal digits:
// replicas with the same configuration have the same.
std::string VersionOf(const Integrations& integrations);

// The integrations in force, which may change while calls are under way: those
// keep what they found.
//
// Thread-safe; but only one thread may reload.
class LiveIntegrations {
 public:
  using Clock = absl::Time (*)();

  // The error is LoadIntegrations'.
  static absl::StatusOr<std::unique_ptr<LiveIntegrations>> Load(
      std::string dir, Clock clock = &client::WallClockNow);

  LiveIntegrations(const LiveIntegrations&) = delete;
  LiveIntegrations& operator=(const LiveIntegrations&) = delete;

  // Null where there is none of that id.
  std::shared_ptr<const Integration> Find(absl::string_view id) const;
  // By id, in order.
  std::vector<std::shared_ptr<const Integration>> All() const;
  size_t size() const;
  // The ids of those whose environment is not production, "a, b": their events
  // are no real ones to mParticle.
  std::string development() const;
  // As VersionOf.
  std::string version() const;

  // Reads the folder again. All or nothing: where one file is wrong, all stays
  // as it was, and the error says what is wrong. True if anything is new. What
  // did not change goes on undisturbed, at its rate and with its breaker; what
  // did starts afresh, at once, even where its key was refused before.
  absl::StatusOr<bool> Reload();

  // What became of reading the files, the first time included.
  struct Reloads {
    absl::Time loaded_at;  // the version in force
    absl::Time last_good_at;
    bool last_was_good = true;
    size_t failures = 0;
  };
  Reloads reloads() const;

 private:
  struct Loaded {
    Integrations integrations;
    std::string version;
  };

  LiveIntegrations(std::string dir, Integrations integrations, Clock clock);

  static std::shared_ptr<const Loaded> Versioned(Integrations integrations);
  std::shared_ptr<const Loaded> Get() const;

  const std::string dir_;
  const Clock clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Loaded> loaded_;  // guarded by mutex_, never null
  Reloads reloads_;                       // guarded by mutex_
};

}  // namespace signal_delivery::server

#endif  // SERVER_LIVE_INTEGRATIONS_H_
