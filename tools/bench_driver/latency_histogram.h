#ifndef TOOLS_BENCH_DRIVER_LATENCY_HISTOGRAM_H_
#define TOOLS_BENCH_DRIVER_LATENCY_HISTOGRAM_H_

#include <array>
#include <chrono>
#include <cstdint>

namespace signal_delivery::bench {

// How long things took, in the same memory however many they are. What it tells
// is at most 1 % above what was put in. Not thread-safe.
class LatencyHistogram {
 public:
  void Add(std::chrono::nanoseconds latency);
  int64_t count() const { return count_; }
  // So many percent of all took at most so long; zero where there are none.
  std::chrono::nanoseconds Percentile(double percent) const;

 private:
  // Each power of two in so many parts.
  static constexpr int kPartBits = 7;
  static constexpr int kParts = 1 << kPartBits;

  static int IndexOf(uint64_t nanoseconds);
  static uint64_t UpperEndOf(int index);

  std::array<int64_t, (64 - kPartBits + 1)* kParts> counts_ = {};
  int64_t count_ = 0;
};

}  // namespace signal_delivery::bench

#endif  // TOOLS_BENCH_DRIVER_LATENCY_HISTOGRAM_H_
