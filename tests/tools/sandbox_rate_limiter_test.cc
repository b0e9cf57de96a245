// The rate limits of an account, on a clock of the test's own.
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "tools/sandbox/rate_limiter.h"

namespace signal_delivery::sandbox {
namespace {

const RateLimit kTwoASecond = {.per_second = 2};
const RateLimit kTwoMoreASecond = {.growth = 2};

class RateLimiterTest : public testing::Test {
 protected:
  // What a batch is told that comes so many milliseconds after the start.
  RateLimiter::Answer At(const RateLimit& limit, int milliseconds) {
    return limiter_.Ask(limit, absl::UnixEpoch() + absl::Hours(1) +
                                   absl::Milliseconds(milliseconds));
  }

  RateLimiter limiter_;
};

TEST_F(RateLimiterTest, LetsSoManyPassInAnySecond) {
  EXPECT_EQ(At(kTwoASecond, 0).exceeded, "");
  EXPECT_EQ(At(kTwoASecond, 600).exceeded, "");
  EXPECT_EQ(At(kTwoASecond, 999).exceeded, "account");
  EXPECT_EQ(At(kTwoASecond, 1000).exceeded, "") << "the first is a second ago";
  EXPECT_EQ(At(kTwoASecond, 1001).exceeded, "account");
  EXPECT_EQ(At(kTwoASecond, 1600).exceeded, "") << "so is the second one";
}

TEST_F(RateLimiterTest, WhatItRefusesDoesNotCount) {
  At(kTwoASecond, 0);
  At(kTwoASecond, 0);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(At(kTwoASecond, 999).exceeded, "account");
  }
  EXPECT_EQ(At(kTwoASecond, 1000).exceeded, "");
}

TEST_F(RateLimiterTest, SaysHowMuchOfTheLimitIsUsed) {
  const RateLimit kFour = {.per_second = 4};
  EXPECT_EQ(At(kFour, 0).percentage_used, 25);
  EXPECT_EQ(At(kFour, 0).percentage_used, 50);
  EXPECT_EQ(At(kFour, 0).percentage_used, 75);
  EXPECT_EQ(At(kFour, 0).percentage_used, 100);
  EXPECT_EQ(At(kFour, 0).percentage_used, 100) << "a refused one";
  EXPECT_EQ(At(kFour, 5000).percentage_used, 25);
}

TEST_F(RateLimiterTest, LimitsByHowMuchTheRateGrows) {
  EXPECT_EQ(At(kTwoMoreASecond, 0).exceeded, "");
  EXPECT_EQ(At(kTwoMoreASecond, 0).exceeded, "");
  EXPECT_EQ(At(kTwoMoreASecond, 500).exceeded, "acceleration");
  // Two in the second before: now four may come.
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(At(kTwoMoreASecond, 1000).exceeded, "") << i;
  }
  EXPECT_EQ(At(kTwoMoreASecond, 1000).exceeded, "acceleration");
  // A rate that does not grow may go on.
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(At(kTwoMoreASecond, 2000).exceeded, "") << i;
  }
  // After a second of nothing it starts again.
  EXPECT_EQ(At(kTwoMoreASecond, 4000).exceeded, "");
  EXPECT_EQ(At(kTwoMoreASecond, 4000).exceeded, "");
  EXPECT_EQ(At(kTwoMoreASecond, 4000).exceeded, "acceleration");
}

TEST_F(RateLimiterTest, ThePercentageIsThatOfTheLimitThatIsUsedMost) {
  const RateLimit kBoth = {.per_second = 10, .growth = 2};
  EXPECT_EQ(At(kBoth, 0).percentage_used, 50);
  EXPECT_EQ(At(kBoth, 0).percentage_used, 100);
  EXPECT_EQ(At(kBoth, 1000).percentage_used, 10) << "fewer than before";
}

}  // namespace
}  // namespace signal_delivery::sandbox
