#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

#include "tools/bench_driver/latency_histogram.h"

namespace signal_delivery::bench {
namespace {

using std::chrono::nanoseconds;

TEST(LatencyHistogram, OfNothingIsZero) {
  EXPECT_EQ(LatencyHistogram().Percentile(99), nanoseconds(0));
}

TEST(LatencyHistogram, TellsEveryLatencyAtMostOnePercentTooHigh) {
  for (int64_t latency = 0; latency < 3'600'000'000'000;
       latency += 1 + latency / 7) {
    LatencyHistogram histogram;
    histogram.Add(nanoseconds(latency));
    const int64_t told = histogram.Percentile(50).count();
    EXPECT_GE(told, latency);
    EXPECT_LE(static_cast<double>(told), static_cast<double>(latency) * 1.01);
  }
}

TEST(LatencyHistogram, CountsHowManyTookAtMostSoLong) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.Add(nanoseconds(i));
  EXPECT_EQ(histogram.count(), 100);
  EXPECT_EQ(histogram.Percentile(1), nanoseconds(1));
  EXPECT_EQ(histogram.Percentile(50), nanoseconds(50));
  EXPECT_EQ(histogram.Percentile(99), nanoseconds(99));
  EXPECT_EQ(histogram.Percentile(100), nanoseconds(100));
}

TEST(LatencyHistogram, ShowsOneSlowCallAmongMany) {
  LatencyHistogram histogram;
  for (int i = 0; i < 99; ++i) histogram.Add(std::chrono::milliseconds(1));
  histogram.Add(std::chrono::seconds(1));
  EXPECT_LT(histogram.Percentile(99), std::chrono::milliseconds(2));
  EXPECT_GE(histogram.Percentile(99.5), std::chrono::seconds(1));
}

}  // namespace
}  // namespace signal_delivery::bench
