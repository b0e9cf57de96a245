#include "client/alarms.h"

#include <utility>

namespace signal_delivery::client {

Alarms::Handle Alarms::Set(Clock::time_point when, Callback callback) {
  const Handle alarm = alarms_.emplace(when, std::move(callback));
  if (when < timer_set_for_) WaitUntil(when);
  return alarm;
}

void Alarms::Stop() {
  stopped_ = true;
  alarms_.clear();
  timer_.cancel();
}

void Alarms::WaitUntil(Clock::time_point when) {
  if (stopped_) return;
  timer_set_for_ = when;
  timer_.expires_at(when);  // ends an earlier wait with an error
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) OnTimer();
  });
}

void Alarms::OnTimer() {
  // While alarms ring, a new one needs no wait of its own.
  timer_set_for_ = Clock::time_point::min();
  const Clock::time_point now = Clock::now();
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    auto alarm = alarms_.extract(alarms_.begin());
    alarm.mapped()();
  }
  timer_set_for_ = Clock::time_point::max();
  if (!alarms_.empty()) WaitUntil(alarms_.begin()->first);
}

}  // namespace signal_delivery::client
