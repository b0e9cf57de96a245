#ifndef TESTS_CLIENT_SIMULATED_SCHEDULER_H_
#define TESTS_CLIENT_SIMULATED_SCHEDULER_H_

#include <utility>

#include "client/scheduler.h"

namespace signal_delivery::client {

// A clock that stands still until the test moves it; alarms ring on the way, at
// exactly their times.
class SimulatedScheduler final : public Scheduler {
 public:
  Clock::time_point Now() const override { return now_; }
  Handle Set(Clock::time_point when, Callback callback) override {
    return alarms_.emplace(when, std::move(callback));
  }
  void Cancel(Handle alarm) override { alarms_.erase(alarm); }

  void Advance(Clock::duration time) {
    const Clock::time_point end = now_ + time;
    while (!alarms_.empty() && alarms_.begin()->first <= end) {
      auto alarm = alarms_.extract(alarms_.begin());
      if (alarm.key() > now_) now_ = alarm.key();
      alarm.mapped()();
    }
    now_ = end;
  }

  // Alarms that are set: none may be left over.
  size_t alarms() const { return alarms_.size(); }

 private:
  Clock::time_point now_{std::chrono::seconds(1'000'000)};
  std::multimap<Clock::time_point, Callback> alarms_;
};

}  // namespace signal_delivery::client

#endif  // TESTS_CLIENT_SIMULATED_SCHEDULER_H_
