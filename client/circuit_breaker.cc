#include "client/circuit_breaker.h"

#include <algorithm>

namespace signal_delivery::client {

bool CircuitBreaker::Allows(TimePoint now) const {
  return is_closed() || (is_open() && now >= next_probe_);
}

bool CircuitBreaker::OnStart() {
  if (is_closed()) return false;
  state_ = State::kProbing;
  return true;
}

void CircuitBreaker::ProbeAt(TimePoint when) {
  if (is_open()) next_probe_ = std::min(next_probe_, when);
}

void CircuitBreaker::ProbeSoon(TimePoint now) {
  ProbeAt(std::max(now, opened_at_ + kFirstPause));
}

void CircuitBreaker::OnEnd(bool was_probe, Sign sign, TimePoint now,
                           double random) {
  if (sign == Sign::kWell) {
    state_ = State::kClosed;
    failures_ = 0;
    return;
  }
  if (is_closed()) {
    if (sign == Sign::kFailure) ++failures_;
    if (sign == Sign::kRefusal || failures_ == kFailuresToOpen) {
      Open(kFirstPause, now, random);
    }
    return;
  }
  // While it is open, only the probe's end is news.
  if (!was_probe || state_ != State::kProbing) return;
  switch (sign) {
    case Sign::kWell:
    case Sign::kNone:
      return Open(longest_pause_, now, random);
    case Sign::kFailure:
      return Open(std::min(2 * longest_pause_, kLongestPause), now, random);
    case Sign::kRefusal:
      return Open(kFirstPause, now, random);
  }
}

void CircuitBreaker::Open(std::chrono::seconds longest_pause, TimePoint now,
                          double random) {
  state_ = State::kOpen;
  failures_ = 0;
  longest_pause_ = longest_pause;
  opened_at_ = now;
  next_probe_ = now + kFirstPause +
                std::chrono::duration_cast<TimePoint::duration>(
                    random * (longest_pause - kFirstPause));
}

}  // namespace signal_delivery::client
