#ifndef CLIENT_BACKOFF_H_
#define CLIENT_BACKOFF_H_

#include <chrono>
#include <optional>

#include "absl/time/time.h"

namespace signal_delivery::client {

// The pauses between attempts are from zero up to these, doubled from one to
// the next: short enough that a passing fault costs no caller its deadline, and
// spread so that deliveries which failed together do not come back together.
inline constexpr std::chrono::milliseconds kFirstBackoff{100};
inline constexpr std::chrono::milliseconds kLongestBackoff{5000};

// How long to wait before a delivery is tried again after `attempts` attempts:
// exponential with full jitter, but never less than the host asked for.
// `random` is from 0 to 1.
std::chrono::nanoseconds BackoffDelay(int attempts,
                                      std::optional<absl::Duration> retry_after,
                                      double random);

}  // namespace signal_delivery::client

#endif  // CLIENT_BACKOFF_H_
