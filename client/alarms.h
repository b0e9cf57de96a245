#ifndef CLIENT_ALARMS_H_
#define CLIENT_ALARMS_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>

#include "absl/functional/any_invocable.h"

namespace signal_delivery::client {

// Calls functions at set times, on the thread that runs the io_context.
//
// One timer serves all alarms and is not touched when one is cancelled, since
// nearly every alarm is: a deadline that is met costs no system call.
//
// Not thread-safe: everything happens on that one thread. Borrows the
// io_context. Steady time: a step of the wall clock moves no deadline.
class Alarms {
 public:
  using Clock = std::chrono::steady_clock;
  using Callback = absl::AnyInvocable<void()>;
  // Valid until the alarm rings or is cancelled.
  using Handle = std::multimap<Clock::time_point, Callback>::iterator;

  explicit Alarms(boost::asio::io_context& io) : timer_(io) {}
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  // `callback` is never called from within Set, whatever the time.
  Handle Set(Clock::time_point when, Callback callback);
  void Cancel(Handle alarm) { alarms_.erase(alarm); }

  // Lets the io_context come to its end. No alarm rings after this.
  void Stop();

 private:
  void WaitUntil(Clock::time_point when);
  void OnTimer();

  boost::asio::steady_timer timer_;
  Clock::time_point timer_set_for_ = Clock::time_point::max();
  std::multimap<Clock::time_point, Callback> alarms_;
  bool stopped_ = false;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_ALARMS_H_
