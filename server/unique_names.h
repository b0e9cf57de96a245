#ifndef SERVER_UNIQUE_NAMES_H_
#define SERVER_UNIQUE_NAMES_H_

#include <cstdint>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "mapping/mapper.h"

namespace signal_delivery::server {

// mParticle's default service limit: different event and screen names of a
// workspace. It drops events with further names and does not say so.
inline constexpr int kMaxUniqueNames = 1'000;

// From here on it is worth a warning: time enough to act.
inline constexpr int kManyUniqueNames = 900;

// Counts the different event and screen names that one integration has mapped
// since the service started, delivered or not. Other senders into the
// workspace, and what was sent before, it does not know. Bounded in memory.
// Thread-safe.
class UniqueNames {
 public:
  // Which one `name` is: 1 for the first, and the same whenever it comes again.
  // kTooManyToTell for all that come after as many as are remembered.
  int Observe(absl::string_view name);
  static constexpr int kTooManyToTell = 10'000;

  // How many there were; at most kTooManyToTell.
  int count() const;

 private:
  mutable std::mutex mutex_;
  // By the name's hash: the chance that two of 10,000 share one is below 1 in
  // 10^11.
  absl::flat_hash_map<uint64_t, int> numbers_;
};

// Counts the names of the events that go into batches, and warns with those
// whose name comes near the limit or is beyond it. True if one of them made the
// count reach kManyUniqueNames or kMaxUniqueNames: worth a line in the log.
bool CountNames(mapping::MappedEvents& mapped, UniqueNames& names);

}  // namespace signal_delivery::server

#endif  // SERVER_UNIQUE_NAMES_H_
