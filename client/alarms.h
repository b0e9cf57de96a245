#ifndef CLIENT_ALARMS_H_
#define CLIENT_ALARMS_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

#include "client/scheduler.h"

namespace signal_delivery::client {

// Calls functions at set times, on the thread that runs the io_context.
//
// One timer serves all alarms and is not touched when one is cancelled, since
// nearly every alarm is: a deadline that is met costs no system call.
//
// Not thread-safe: everything happens on that one thread. Borrows the
// io_context. Steady time: a step of the wall clock moves no deadline.
class Alarms final : public Scheduler {
 public:
  explicit Alarms(boost::asio::io_context& io) : timer_(io) {}
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  Clock::time_point Now() const override { return Clock::now(); }
  Handle Set(Clock::time_point when, Callback callback) override;
  void Cancel(Handle alarm) override { alarms_.erase(alarm); }

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
