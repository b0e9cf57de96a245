#ifndef SERVER_LOG_SAMPLER_H_
#define SERVER_LOG_SAMPLER_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace signal_delivery::server {

// Keeps the log readable, and the disk free, where the same thing happens to
// many calls: of lines of one kind about one integration with one reason, the
// first few of a second are written, and the next one that is says how many
// were left out. Bounded in memory.
//
// Thread-safe. Reads no clock.
class LogSampler {
 public:
  // Of one key. Enough to see that something repeats, and with whom.
  static constexpr int kLinesPerSecond = 5;
  // Keys that are told apart; kinds, integrations and reasons are few. Beyond,
  // lines share the room of one.
  static constexpr size_t kMaxKeys = 4'096;

  struct Key {
    std::string kind;
    std::string integration;
    std::string reason;

    friend bool operator==(const Key& a, const Key& b) {
      return std::tie(a.kind, a.integration, a.reason) ==
             std::tie(b.kind, b.integration, b.reason);
    }
    template <typename H>
    friend H AbslHashValue(H hash, const Key& key) {
      return H::combine(std::move(hash), key.kind, key.integration, key.reason);
    }
  };

  // Whether to write a line at `now`: how many like it were left out since the
  // last one that was written, or nothing where this one is to be left out,
  // too.
  std::optional<uint64_t> Admit(const Key& key, absl::Time now);

  size_t keys() const;

 private:
  struct Recent {
    absl::Time since;  // when its second began
    int written = 0;   // in it
    uint64_t left_out = 0;
  };

  Recent& Find(const Key& key, absl::Time now);

  mutable std::mutex mutex_;
  absl::flat_hash_map<Key, Recent> recent_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_LOG_SAMPLER_H_
