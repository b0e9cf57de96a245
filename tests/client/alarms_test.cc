#include "client/alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace signal_delivery::client {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

class AlarmsTest : public testing::Test {
 protected:
  // An alarm that writes down that it rang.
  Alarms::Handle Set(const std::string& name, milliseconds after_start) {
    return alarms_.Set(start_ + after_start,
                       [this, name] { rung_.push_back(name); });
  }

  const Alarms::Clock::time_point start_ = Alarms::Clock::now();
  boost::asio::io_context io_;
  Alarms alarms_{io_};
  std::vector<std::string> rung_;
};

TEST_F(AlarmsTest, RingInTheOrderOfTheirTimes) {
  Set("third", milliseconds(3));
  Set("first", milliseconds(1));
  Set("second", milliseconds(2));
  io_.run();
  EXPECT_THAT(rung_, ElementsAre("first", "second", "third"));
}

TEST_F(AlarmsTest, ThatAreCancelledDoNotRing) {
  const auto cancelled = Set("cancelled", milliseconds(1));
  Set("kept", milliseconds(2));
  alarms_.Cancel(cancelled);
  io_.run();
  EXPECT_THAT(rung_, ElementsAre("kept"));
}

TEST_F(AlarmsTest, SetWhileOneRingsRingToo) {
  alarms_.Set(start_, [this] {
    Set("past", milliseconds(-1));
    Set("future", milliseconds(2));
    EXPECT_TRUE(rung_.empty()) << "not from within Set";
  });
  io_.run();
  EXPECT_THAT(rung_, ElementsAre("past", "future"));
}

TEST_F(AlarmsTest, CancelledByAnotherOfTheSameTimeDoNotRing) {
  std::optional<Alarms::Handle> second;
  alarms_.Set(start_, [&] { alarms_.Cancel(*second); });
  second = Set("second", milliseconds(0));
  io_.run();
  EXPECT_TRUE(rung_.empty());
}

TEST_F(AlarmsTest, AreSilentAfterStop) {
  Set("far", std::chrono::hours(24));
  alarms_.Stop();
  Set("late", milliseconds(0));
  io_.run();  // returns, since nothing is left to wait for
  EXPECT_TRUE(rung_.empty());
}

}  // namespace
}  // namespace signal_delivery::client
