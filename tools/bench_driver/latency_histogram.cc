#include "tools/bench_driver/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace signal_delivery::bench {

void LatencyHistogram::Add(std::chrono::nanoseconds latency) {
  ++counts_[IndexOf(std::max<int64_t>(latency.count(), 0))];
  ++count_;
}

std::chrono::nanoseconds LatencyHistogram::Percentile(double percent) const {
  const auto wanted = static_cast<int64_t>(
      std::ceil(static_cast<double>(count_) * percent / 100));
  int64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (counts_[i] > 0 && seen >= wanted) {
      return std::chrono::nanoseconds(UpperEndOf(static_cast<int>(i)));
    }
  }
  return std::chrono::nanoseconds(0);
}

// Below kParts each number has its own place; from there on, a power of two
// after the other, the bits behind the highest one choose the part.
int LatencyHistogram::IndexOf(uint64_t nanoseconds) {
  if (nanoseconds < kParts) return static_cast<int>(nanoseconds);
  const int shift =
      static_cast<int>(std::bit_width(nanoseconds)) - kPartBits - 1;
  return (shift + 1) * kParts +
         static_cast<int>((nanoseconds >> shift) - kParts);
}

uint64_t LatencyHistogram::UpperEndOf(int index) {
  if (index < kParts) return index;
  const int shift = index / kParts - 1;
  const uint64_t part = index % kParts + kParts;
  return ((part + 1) << shift) - 1;
}

}  // namespace signal_delivery::bench
