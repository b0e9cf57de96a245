#ifndef TOOLS_SANDBOX_RATE_LIMITER_H_
#define TOOLS_SANDBOX_RATE_LIMITER_H_

#include <deque>
#include <mutex>
#include <string>

#include "absl/time/time.h"

namespace signal_delivery::sandbox {

// What an account may send. 0 means no limit.
struct RateLimit {
  int per_second = 0;  // batches in any second: mParticle's speed limit
  // By how many the batches of a second may outnumber those of the second
  // before: mParticle's acceleration limit.
  int growth = 0;
  std::string retry_after;  // the header's value on a 429; empty: no header

  bool on() const { return per_second > 0 || growth > 0; }
};

// Counts the batches of one account, the sandbox's only one, over a second that
// slides. Batches that it refuses do not count. Thread-safe.
class RateLimiter {
 public:
  struct Answer {
    // The limit that the batch exceeds, as mParticle calls it: "account" or
    // "acceleration". Empty: the batch may pass, and is counted.
    std::string exceeded;
    // The largest share used of all limits, 0 to 100.
    int percentage_used = 0;
  };
  // `now` never goes back.
  Answer Ask(const RateLimit& limit, absl::Time now);

 private:
  std::mutex mutex_;
  std::deque<absl::Time> passed_;  // within the last two seconds
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_RATE_LIMITER_H_
