#include "client/concurrency_limit.h"

#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConcurrencyLimitTest : public testing::Test {
 protected:
  // As many requests as allowed, side by side, each of which takes so long.
  void Round(milliseconds round_trip, bool at_limit = true) {
    const auto sent_at = now_;
    now_ += round_trip;
    const size_t requests = limit_.limit();
    for (size_t i = 0; i < requests; ++i) {
      limit_.OnAnswer(sent_at, now_, at_limit);
    }
  }

  ConcurrencyLimit limit_{100};
  ConcurrencyLimit::TimePoint now_{seconds(1000)};
};

TEST_F(ConcurrencyLimitTest, StartsAtEightOrTheMost) {
  EXPECT_EQ(limit_.limit(), 8u);
  EXPECT_EQ(ConcurrencyLimit(3).limit(), 3u);
  EXPECT_EQ(ConcurrencyLimit(1).limit(), 1u);
  EXPECT_EQ(limit_.round_trip(), milliseconds(0));
}

TEST_F(ConcurrencyLimitTest, GrowsByOnePerRoundTripUpToTheMost) {
  // The sum of eight shares, each of a limit that has grown by those before.
  Round(milliseconds(50));
  EXPECT_EQ(limit_.limit(), 8u);
  Round(milliseconds(50));
  EXPECT_EQ(limit_.limit(), 9u);
  for (int i = 0; i < 10; ++i) Round(milliseconds(50));
  EXPECT_EQ(limit_.limit(), 19u);
  for (int i = 0; i < 200; ++i) Round(milliseconds(50));
  EXPECT_EQ(limit_.limit(), 100u);
  EXPECT_EQ(limit_.round_trip(), milliseconds(50));
}

TEST_F(ConcurrencyLimitTest, DoesNotGrowWhereNobodyNeedsIt) {
  for (int i = 0; i < 50; ++i) Round(milliseconds(50), /*at_limit=*/false);
  EXPECT_EQ(limit_.limit(), 8u);
}

TEST_F(ConcurrencyLimitTest, FallsByATenthPerRoundTripWhileRoundTripsAreLong) {
  for (int i = 0; i < 300; ++i) Round(milliseconds(50));
  ASSERT_EQ(limit_.limit(), 100u);
  // The average is beyond its half more after the fifth answer.
  Round(milliseconds(100));
  EXPECT_EQ(limit_.limit(), 90u) << "once, though 95 answers were late";
  Round(milliseconds(100));
  EXPECT_EQ(limit_.limit(), 81u);
  Round(milliseconds(100));
  EXPECT_EQ(limit_.limit(), 72u);
  // Short again: once the average has come down, it grows.
  Round(milliseconds(50));
  const size_t least = limit_.limit();
  for (int i = 0; i < 10; ++i) Round(milliseconds(50));
  EXPECT_EQ(limit_.limit(), least + 10);
}

TEST_F(ConcurrencyLimitTest, TakesOneLateAnswerForNothing) {
  for (int i = 0; i < 20; ++i) Round(milliseconds(50));
  const size_t before = limit_.limit();
  limit_.OnAnswer(now_ - milliseconds(200), now_, false);
  EXPECT_EQ(limit_.limit(), before);
}

// Whatever makes a single request slow, it is not its neighbours.
TEST_F(ConcurrencyLimitTest, GrowsAgainWhereTheHostHasBecomeSlowForGood) {
  for (int i = 0; i < 20; ++i) Round(milliseconds(50));
  int rounds = 0;
  while (limit_.limit() > 1 && rounds < 1000) {
    Round(milliseconds(200));
    ++rounds;
  }
  EXPECT_EQ(limit_.limit(), 1u);
  // Once the average has come up as well.
  for (int i = 0; i < 20; ++i) Round(milliseconds(200));
  const size_t before = limit_.limit();
  for (int i = 0; i < 10; ++i) Round(milliseconds(200));
  EXPECT_EQ(limit_.limit(), before + 10) << "by one per round trip";
}

TEST_F(ConcurrencyLimitTest, FallsWhenTheHostFails) {
  const auto sent_at = now_;
  now_ += milliseconds(10);
  for (int i = 0; i < 8; ++i) limit_.OnOverload(sent_at, now_);
  EXPECT_EQ(limit_.limit(), 7u) << "once per round trip";
  for (int i = 0; i < 100; ++i) {
    now_ += milliseconds(10);
    limit_.OnOverload(now_, now_);
  }
  EXPECT_EQ(limit_.limit(), 1u);
}

}  // namespace
}  // namespace signal_delivery::client
