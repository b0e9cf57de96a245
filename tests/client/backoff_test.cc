#include "client/backoff.h"

#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(Backoff, DoublesUpToItsLimit) {
  const int most[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
  for (int attempts = 1; attempts <= 8; ++attempts) {
    const milliseconds expected(most[attempts - 1]);
    EXPECT_EQ(BackoffDelay(attempts, std::nullopt, 1), expected);
    EXPECT_EQ(BackoffDelay(attempts, std::nullopt, 0.25), expected / 4);
    EXPECT_EQ(BackoffDelay(attempts, std::nullopt, 0), nanoseconds::zero());
  }
  EXPECT_EQ(BackoffDelay(1'000'000'000, std::nullopt, 1), milliseconds(5000));
}

TEST(Backoff, IsNeverSoonerThanTheHostAsks) {
  EXPECT_EQ(BackoffDelay(1, absl::Seconds(7), 1), milliseconds(7000));
  EXPECT_EQ(BackoffDelay(8, absl::Seconds(1), 1), milliseconds(5000));
  EXPECT_EQ(BackoffDelay(8, absl::Seconds(1), 0), milliseconds(1000));
  EXPECT_EQ(BackoffDelay(1, absl::ZeroDuration(), 0), nanoseconds::zero());
}

}  // namespace
}  // namespace signal_delivery::client
