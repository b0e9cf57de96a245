#ifndef CLIENT_WALL_CLOCK_H_
#define CLIENT_WALL_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"

namespace signal_delivery::client {

// The time of day. Not absl::Now(), which for two seconds after a step of the
// wall clock still tells the time that it had. What waits, waits on the steady
// clock, and such a step changes nothing for it.
inline absl::Time WallClockNow() {
  return absl::FromChrono(std::chrono::system_clock::now());
}

}  // namespace signal_delivery::client

#endif  // CLIENT_WALL_CLOCK_H_
