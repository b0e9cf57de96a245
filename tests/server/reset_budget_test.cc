#include "server/reset_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace signal_delivery::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ResetBudgetTest, IsEachClientsOwn) {
  ResetBudget budget(2);
  const ResetBudget::TimePoint now{seconds(1'000)};
  EXPECT_TRUE(budget.Spend("ipv4:192.0.2.1:1", now));
  EXPECT_TRUE(budget.Spend("ipv4:192.0.2.1:1", now));
  EXPECT_FALSE(budget.Spend("ipv4:192.0.2.1:1", now));
  EXPECT_TRUE(budget.Spend("ipv4:192.0.2.1:2", now));
}

TEST(ResetBudgetTest, IsThereAgainAfterASecond) {
  ResetBudget budget(1);
  const ResetBudget::TimePoint now{seconds(1'000)};
  EXPECT_TRUE(budget.Spend("client", now));
  EXPECT_FALSE(budget.Spend("client", now + milliseconds(999)));
  EXPECT_TRUE(budget.Spend("client", now + seconds(1)));
}

}  // namespace
}  // namespace signal_delivery::server
