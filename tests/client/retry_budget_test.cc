#include "client/retry_budget.h"

#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

size_t MostAtATime(size_t deliveries) {
  RetryBudget budget;
  size_t count = 0;
  while (budget.Allows(deliveries)) {
    budget.OnStart();
    ++count;
  }
  return count;
}

TEST(RetryBudget, IsAFifthOfTheDeliveriesAndAtLeastThree) {
  EXPECT_EQ(MostAtATime(1), 3u);
  EXPECT_EQ(MostAtATime(19), 3u);
  EXPECT_EQ(MostAtATime(20), 4u);
  EXPECT_EQ(MostAtATime(24), 4u);
  EXPECT_EQ(MostAtATime(25), 5u);
  EXPECT_EQ(MostAtATime(1000), 200u);
}

TEST(RetryBudget, IsFreeAgainWhenARetryEnds) {
  RetryBudget budget;
  for (int i = 0; i < 3; ++i) budget.OnStart();
  EXPECT_FALSE(budget.Allows(10));
  budget.OnEnd();
  EXPECT_TRUE(budget.Allows(10));
}

}  // namespace
}  // namespace signal_delivery::client
