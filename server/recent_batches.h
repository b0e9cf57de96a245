#ifndef SERVER_RECENT_BATCHES_H_
#define SERVER_RECENT_BATCHES_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace signal_delivery::server {

// Remembers the batches of which one thing was found out lately: that mParticle
// took them, so that a caller who did not hear the answer and calls again gets
// it without a second post; or that it refuses them as a whole, so that they
// are divided without being posted again.
//
// Batches and not events, as in mParticle's own deduplication: what a batch is
// made of never depends on what this process remembers, so the same call makes
// the same batches here, on another replica and after a restart.
//
// Bounded in time and in memory (some 100 bytes a batch). Thread-safe.
class RecentBatches {
 public:
  // As long as callers commonly repeat a call; mParticle itself remembers for
  // weeks.
  static constexpr absl::Duration kKeep = absl::Minutes(10);
  static constexpr size_t kMaxBatches = 100'000;

  // `batch_id` is a PreparedBatch's: it stands for the integration, too.
  void Remember(const std::string& batch_id, absl::Time now);
  bool Contains(const std::string& batch_id, absl::Time now);

 private:
  std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  absl::flat_hash_map<std::string, absl::Time> remembered_at_;
  std::deque<std::string> oldest_first_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_RECENT_BATCHES_H_
