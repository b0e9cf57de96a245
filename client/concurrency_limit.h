#ifndef CLIENT_CONCURRENCY_LIMIT_H_
#define CLIENT_CONCURRENCY_LIMIT_H_

#include <chrono>
#include <cstddef>

namespace signal_delivery::client {

// How many requests may be under way to a destination at a time: one more per
// round trip while round trips stay short, a tenth less when they grow, since
// then requests only wait on each other at the far end.
//
// Decides only. Not thread-safe.
class ConcurrencyLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;

  // Enough for 270 requests a second of 30 ms each from the first one on.
  static constexpr double kStart = 8;
  static constexpr double kDecrease = 0.9;  // as Vector's
  // The weight of one round trip in the recent average: TCP's (RFC 6298).
  static constexpr double kWeight = 0.125;
  // Round trips have grown when the recent average is beyond the baseline by
  // this factor, and by more than a scheduler's whim.
  static constexpr double kGrown = 1.5;
  static constexpr std::chrono::milliseconds kNoise{1};
  // The baseline is the least recent average. It follows a host that became
  // slower in about so long; with one request at a time at once, because then
  // the time is not of our making.
  static constexpr std::chrono::minutes kBaselineRise{5};

  // `most` is at least 1.
  explicit ConcurrencyLimit(size_t most);

  // At least 1.
  size_t limit() const { return static_cast<size_t>(limit_); }

  // The recent average; zero before the first answer.
  Duration round_trip() const;

  // How many that many at a time are in a second; infinite before the first
  // answer.
  double per_second() const;

  // A request that was sent at `sent_at` was answered. `at_limit`: as many were
  // under way then as allowed; else a higher limit would be of no use.
  void OnAnswer(TimePoint sent_at, TimePoint now, bool at_limit);

  // It was answered with an error of the host's, or not at all.
  void OnOverload(TimePoint sent_at, TimePoint now);

 private:
  void Decrease(TimePoint sent_at, TimePoint now);

  const double most_;
  double limit_;
  // In seconds; zero before the first answer.
  double recent_ = 0;
  double baseline_ = 0;
  TimePoint answered_at_;
  TimePoint decreased_at_ = TimePoint::min();
};

}  // namespace signal_delivery::client

#endif  // CLIENT_CONCURRENCY_LIMIT_H_
