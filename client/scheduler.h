#ifndef CLIENT_SCHEDULER_H_
#define CLIENT_SCHEDULER_H_

#include <chrono>
#include <map>

#include "absl/functional/any_invocable.h"

namespace signal_delivery::client {

// The time, and functions to be called at set times: what a Dispatcher needs of
// a clock, so that tests can simulate one.
//
// Not thread-safe.
class Scheduler {
 public:
  using Clock = std::chrono::steady_clock;
  using Callback = absl::AnyInvocable<void()>;
  // Valid until the alarm rings or is cancelled.
  using Handle = std::multimap<Clock::time_point, Callback>::iterator;

  virtual ~Scheduler() = default;

  virtual Clock::time_point Now() const = 0;
  // `callback` is never called from within Set, whatever the time.
  virtual Handle Set(Clock::time_point when, Callback callback) = 0;
  virtual void Cancel(Handle alarm) = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_SCHEDULER_H_
