#ifndef CLIENT_CIRCUIT_BREAKER_H_
#define CLIENT_CIRCUIT_BREAKER_H_

#include <chrono>

namespace signal_delivery::client {

// Stops trying a destination that is down, or that does not accept our key, and
// tries it with one attempt from time to time until it is well again.
//
// Decides only; starts nothing. Not thread-safe.
class CircuitBreaker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // In a row. One fault is nothing; five are no coincidence.
  static constexpr int kFailuresToOpen = 5;
  // To the first probe, and the least to any other. A destination that refuses
  // the key is probed in this interval for good: it is well, and the key may be
  // put right at any time. So is one whose host answers others. Otherwise the
  // longest pause doubles with every probe that fails, and chance decides how
  // much of it is waited: those that failed together are not probed together,
  // and the first that is well tells the others (HostNews).
  static constexpr std::chrono::seconds kFirstPause{1};
  static constexpr std::chrono::seconds kLongestPause{60};

  // What the end of an attempt says of the destination.
  enum class Sign {
    kWell,     // it answered
    kFailure,  // of transport, or a 5xx
    kRefusal,  // 401, 403
    kNone,     // nothing: the attempt ended for reasons of ours
  };

  bool is_closed() const { return state_ == State::kClosed; }
  // Whether it waits for the time of its next probe.
  bool is_open() const { return state_ == State::kOpen; }
  // These two are meaningful while is_open().
  TimePoint next_probe() const { return next_probe_; }
  TimePoint opened_at() const { return opened_at_; }

  // Whether an attempt may start now.
  bool Allows(TimePoint now) const;

  // An allowed attempt starts. True where it is the probe.
  bool OnStart();

  // There is reason to believe that it is well again: the next probe is due.
  void ProbeAt(TimePoint when);
  // The same, but no probe sooner than kFirstPause after the last.
  void ProbeSoon(TimePoint now);

  // An attempt ended. Those that started before it opened end at any time.
  // `random` is from 0 to 1, evenly spread.
  void OnEnd(bool was_probe, Sign sign, TimePoint now, double random);

 private:
  enum class State { kClosed, kOpen, kProbing };

  void Open(std::chrono::seconds longest_pause, TimePoint now, double random);

  State state_ = State::kClosed;
  int failures_ = 0;  // in a row, while closed
  std::chrono::seconds longest_pause_{0};
  TimePoint opened_at_;  // the last time; also by a probe that failed
  TimePoint next_probe_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_CIRCUIT_BREAKER_H_
