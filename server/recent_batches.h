#ifndef SERVER_RECENT_BATCHES_H_
#define SERVER_RECENT_BATCHES_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace signal_delivery::server {

// How many batches are remembered that mParticle took: at its 270 a second, ten
// minutes of six integrations. 75 MB.
inline constexpr size_t kMaxTaken = 1'000'000;
// And of those that it refused as a whole, which are few. 8 MB.
inline constexpr size_t kMaxRefused = 100'000;

// Remembers the batches of which one thing was found out lately: that mParticle
// took them, so that a caller who did not hear the answer and calls again gets
// it without a second post; or that it refuses them as a whole, so that they
// are divided without being posted again.
//
// Batches and not events, as in mParticle's own deduplication: what a batch is
// made of never depends on what this process remembers, so the same call makes
// the same batches here, on another replica and after a restart.
//
// Bounded in time and in number, and so in memory: at most 75 bytes a batch. By
// steady time: a step of the wall clock forgets nothing. Thread-safe.
class RecentBatches {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Clock = std::function<TimePoint()>;

  // As long as callers commonly repeat a call; mParticle itself remembers for
  // weeks.
  static constexpr std::chrono::minutes kKeep{10};
  // One recipient holds at most a fifth of all that are kept. Where there is
  // no room, the one that holds the most forgets its oldest.
  static constexpr size_t kShares = 5;

  // Keeps at most `most` batches: kShares or more.
  explicit RecentBatches(size_t most,
                         Clock clock = &std::chrono::steady_clock::now)
      : most_(most), clock_(std::move(clock)) {}

  // `recipient`: an integration at its host, since what another host took says
  // nothing. `batch_id` is a PreparedBatch's.
  void Remember(const std::string& recipient, const std::string& batch_id);
  bool Contains(const std::string& recipient, const std::string& batch_id);

 private:
  // The first half of the hash that a batch's id is: enough that no two meet.
  using Key = std::array<uint64_t, 2>;

  struct Kept {
    absl::flat_hash_map<Key, TimePoint> since;
    std::deque<Key> oldest_first;
  };

  static Key KeyOf(const std::string& batch_id);
  void ForgetOldest(Kept& kept);
  Kept& Largest();

  const size_t most_;
  const Clock clock_;
  std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  absl::flat_hash_map<std::string, Kept> by_recipient_;
  size_t count_ = 0;  // in all
};

}  // namespace signal_delivery::server

#endif  // SERVER_RECENT_BATCHES_H_
