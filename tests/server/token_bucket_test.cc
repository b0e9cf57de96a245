#include "server/token_bucket.h"

#include <gtest/gtest.h>

namespace signal_delivery::server {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(24);

TEST(TokenBucketTest, GivesASecondsTokensAtOnceAndNoMore) {
  TokenBucket bucket(1'000);
  EXPECT_EQ(bucket.Take(300, kNow), 300u);
  EXPECT_EQ(bucket.Take(5'000, kNow), 700u);
  EXPECT_EQ(bucket.Take(1, kNow), 0u);
}

TEST(TokenBucketTest, GivesThemOneByOneAsTimeGoesBy) {
  TokenBucket bucket(1'000);
  ASSERT_EQ(bucket.Take(1'000, kNow), 1'000u);
  EXPECT_EQ(bucket.Take(10, kNow + absl::Microseconds(999)), 0u);
  EXPECT_EQ(bucket.Take(10, kNow + absl::Milliseconds(1)), 1u);
  EXPECT_EQ(bucket.Take(10, kNow + absl::Milliseconds(6)), 5u);
}

TEST(TokenBucketTest, KeepsNoneForLongerThanASecond) {
  TokenBucket bucket(10);
  ASSERT_EQ(bucket.Take(10, kNow), 10u);
  EXPECT_EQ(bucket.Take(100, kNow + absl::Hours(1)), 10u);
}

TEST(TokenBucketTest, AClockThatIsSetBackGivesNone) {
  TokenBucket bucket(10);
  ASSERT_EQ(bucket.Take(10, kNow), 10u);
  EXPECT_EQ(bucket.Take(1, kNow - absl::Hours(1)), 0u);
  EXPECT_EQ(bucket.Take(1, kNow + absl::Milliseconds(100)), 1u);
}

}  // namespace
}  // namespace signal_delivery::server
