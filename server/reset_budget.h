#ifndef SERVER_RESET_BUDGET_H_
#define SERVER_RESET_BUDGET_H_

#include <chrono>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace signal_delivery::server {

// How many calls a client may reset before their requests were there. A call
// that was reset makes room for another at once, so the limit of calls under
// way does not hold who does nothing else ("rapid reset", CVE-2023-44487).
// Thread-safe.
class ResetBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit ResetBudget(int max_per_second) : max_per_second_(max_per_second) {}

  // One more of a client. False where it is one too many.
  bool Spend(const std::string& peer, TimePoint now);

 private:
  const int max_per_second_;
  std::mutex mutex_;                              // guards what follows
  TimePoint second_;                              // began then
  absl::flat_hash_map<std::string, int> resets_;  // in it
};

}  // namespace signal_delivery::server

#endif  // SERVER_RESET_BUDGET_H_
