#include "server/recent_batches.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/destination.h"

namespace signal_delivery::server {
namespace {

class RecentBatchesTest : public testing::Test {
 protected:
  // In the form of a hash.
  static std::string Id(int i) {
    return absl::StrCat(absl::Hex(i, absl::kZeroPad16), std::string(48, '0'));
  }

  RecentBatches::TimePoint now_{std::chrono::hours(1)};
  RecentBatches recent_{/*most=*/50, [this] { return now_; }};
};

TEST_F(RecentBatchesTest, LastTenMinutes) {
  recent_.Remember("acme", Id(1));
  now_ += std::chrono::minutes(10) - std::chrono::nanoseconds(1);
  EXPECT_TRUE(recent_.Contains("acme", Id(1)));
  EXPECT_FALSE(recent_.Contains("acme", Id(2)));
  now_ += std::chrono::nanoseconds(1);
  EXPECT_FALSE(recent_.Contains("acme", Id(1)));
  recent_.Remember("acme", Id(1));
  EXPECT_TRUE(recent_.Contains("acme", Id(1))) << "from now on";
}

TEST_F(RecentBatchesTest, AreOneIntegrationsOwn) {
  recent_.Remember("acme", Id(1));
  EXPECT_FALSE(recent_.Contains("other", Id(1)));
}

TEST_F(RecentBatchesTest, AreAFifthOfAllForOneIntegrationTheOldestGoFirst) {
  recent_.Remember("other", Id(0));
  for (int i = 0; i <= 10; ++i) recent_.Remember("acme", Id(i));
  EXPECT_FALSE(recent_.Contains("acme", Id(0)));
  for (int i = 1; i <= 10; ++i) EXPECT_TRUE(recent_.Contains("acme", Id(i)));
  EXPECT_TRUE(recent_.Contains("other", Id(0))) << "its neighbours keep theirs";
}

TEST_F(RecentBatchesTest, AreBoundedInAllAndWhoHoldsTheMostForgets) {
  recent_.Remember("quiet", Id(0));
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    for (int i = 0; i < 10; ++i) recent_.Remember(id, Id(i));
  }
  EXPECT_TRUE(recent_.Contains("quiet", Id(0)));
  int kept = 0;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    for (int i = 0; i < 10; ++i) kept += recent_.Contains(id, Id(i)) ? 1 : 0;
  }
  EXPECT_EQ(kept, 49);
}

TEST(MemoryOfTakenBatches, HoldsTenMinutesOfAnIntegrationsFullRate) {
  const std::chrono::duration<double> kept = RecentBatches::kKeep;
  EXPECT_GE(kMaxTaken / RecentBatches::kShares,
            kept.count() * client::Destination::kDefaultRequestsPerSecond);
}

}  // namespace
}  // namespace signal_delivery::server
