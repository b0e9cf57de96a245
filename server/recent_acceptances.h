#ifndef SERVER_RECENT_ACCEPTANCES_H_
#define SERVER_RECENT_ACCEPTANCES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::server {

// Remembers which events mParticle took lately, so that a caller who did not
// hear the answer and calls again gets it without a second post. Only what was
// accepted is remembered: everything else must be sent again.
//
// Bounded in time and in memory (some 100 bytes an event). It knows the calls
// of this process only; across replicas and restarts mParticle's own
// deduplication by source_request_id protects. Thread-safe.
class RecentAcceptances {
 public:
  // As long as callers commonly repeat a call; mParticle itself remembers for
  // weeks.
  static constexpr absl::Duration kKeep = absl::Minutes(10);
  static constexpr size_t kMaxEvents = 100'000;

  struct Acceptance {
    absl::Time at;
    // Of the batch that carried the event.
    std::string source_request_id;
  };

  // Stands for an event: two hashes of 64 bits each, so that no two share it.
  using Key = std::pair<uint64_t, uint64_t>;
  // Of its message_id, which is not empty, and of its type, name, time and
  // size: a sender who uses a message_id for two different events must not
  // lose one.
  static Key KeyOf(absl::string_view integration_id,
                   const datafly::signal::v1::Event& event);

  void Remember(const Key& key, Acceptance acceptance);
  std::optional<Acceptance> Find(const Key& key, absl::Time now);

 private:
  std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  absl::flat_hash_map<Key, Acceptance> acceptances_;
  std::deque<Key> oldest_first_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_RECENT_ACCEPTANCES_H_
