#include "client/address_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

using std::chrono::nanoseconds;
using ::testing::ElementsAre;

constexpr AddressOrder::TimePoint kNow{std::chrono::hours(1)};

TEST(AddressOrder, BeginsWithEachInTurn) {
  AddressOrder order;
  EXPECT_THAT(order.Next({"a", "b", "c"}, kNow), ElementsAre("a", "b", "c"));
  EXPECT_THAT(order.Next({"a", "b", "c"}, kNow), ElementsAre("b", "c", "a"));
  EXPECT_THAT(order.Next({"a", "b", "c"}, kNow), ElementsAre("c", "a", "b"));
  EXPECT_THAT(order.Next({"a", "b", "c"}, kNow), ElementsAre("a", "b", "c"));
}

TEST(AddressOrder, EndsWithWhatFailedLately) {
  AddressOrder order;
  order.OnFailed("a", kNow);
  const auto end = kNow + AddressOrder::kAvoid;
  EXPECT_THAT(order.Next({"a", "b", "c"}, kNow), ElementsAre("b", "c", "a"));
  order.Next({"a", "b", "c"}, kNow);
  order.Next({"a", "b", "c"}, kNow);
  EXPECT_THAT(order.Next({"a", "b", "c"}, end - nanoseconds(1)),
              ElementsAre("b", "c", "a"));
  order.Next({"a", "b", "c"}, kNow);
  order.Next({"a", "b", "c"}, kNow);
  EXPECT_THAT(order.Next({"a", "b", "c"}, end), ElementsAre("a", "b", "c"));
}

TEST(AddressOrder, ForgetsAFailureOnceTheAddressIsWell) {
  AddressOrder order;
  order.OnFailed("a", kNow);
  order.OnOpened("a");
  EXPECT_THAT(order.Next({"a", "b"}, kNow), ElementsAre("a", "b"));
}

TEST(AddressOrder, IsThatOfTheTurnsWhereAllFailed) {
  AddressOrder order;
  order.OnFailed("a", kNow);
  order.OnFailed("b", kNow);
  EXPECT_THAT(order.Next({"a", "b"}, kNow), ElementsAre("a", "b"));
  EXPECT_THAT(order.Next({"a", "b"}, kNow), ElementsAre("b", "a"));
}

}  // namespace
}  // namespace signal_delivery::client
