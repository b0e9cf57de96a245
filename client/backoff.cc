#include "client/backoff.h"

#include <algorithm>

namespace signal_delivery::client {

std::chrono::nanoseconds BackoffDelay(int attempts,
                                      std::optional<absl::Duration> retry_after,
                                      double random) {
  std::chrono::nanoseconds most = kFirstBackoff;
  for (int i = 1; i < attempts && most < kLongestBackoff; ++i) most *= 2;
  most = std::min<std::chrono::nanoseconds>(most, kLongestBackoff);
  const auto delay = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::clamp(random, 0.0, 1.0) * most);
  return std::max(delay, absl::ToChronoNanoseconds(
                             retry_after.value_or(absl::ZeroDuration())));
}

}  // namespace signal_delivery::client
