#include "client/circuit_breaker.h"

#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

using std::chrono::seconds;
using Sign = CircuitBreaker::Sign;

class CircuitBreakerTest : public testing::Test {
 protected:
  using TimePoint = CircuitBreaker::TimePoint;

  // An attempt that starts and ends now.
  void Attempt(Sign sign) {
    ASSERT_TRUE(breaker_.Allows(now_));
    breaker_.OnEnd(breaker_.OnStart(), sign, now_, random_);
  }
  void OpenByFailures() {
    for (int i = 0; i < 5; ++i) Attempt(Sign::kFailure);
    ASSERT_TRUE(breaker_.is_open());
  }
  seconds ToNextProbe() const {
    return std::chrono::duration_cast<seconds>(breaker_.next_probe() - now_);
  }
  void WaitForProbe() {
    now_ = breaker_.next_probe();
    ASSERT_FALSE(breaker_.Allows(now_ - std::chrono::nanoseconds(1)));
    ASSERT_TRUE(breaker_.Allows(now_));
  }

  CircuitBreaker breaker_;
  double random_ = 1;
  TimePoint now_{seconds(1000)};
};

TEST_F(CircuitBreakerTest, ChanceShortensEveryPauseButTheFirst) {
  random_ = 0.5;
  OpenByFailures();
  EXPECT_EQ(breaker_.next_probe() - now_, seconds(1));
  for (const int longest : {2, 4, 8, 16, 32, 60, 60}) {
    WaitForProbe();
    Attempt(Sign::kFailure);
    EXPECT_EQ(breaker_.next_probe() - now_,
              seconds(1) + std::chrono::milliseconds(500) * (longest - 1));
  }
  random_ = 0;
  WaitForProbe();
  Attempt(Sign::kFailure);
  EXPECT_EQ(breaker_.next_probe() - now_, seconds(1));
}

TEST_F(CircuitBreakerTest, OpensAfterFiveFailuresInARow) {
  for (int i = 0; i < 4; ++i) Attempt(Sign::kFailure);
  Attempt(Sign::kWell);
  for (int i = 0; i < 4; ++i) {
    Attempt(Sign::kFailure);
    Attempt(Sign::kNone);
    EXPECT_TRUE(breaker_.is_closed());
  }
  Attempt(Sign::kFailure);
  EXPECT_FALSE(breaker_.is_closed());
  EXPECT_FALSE(breaker_.Allows(now_));
  EXPECT_EQ(ToNextProbe(), seconds(1));
}

TEST_F(CircuitBreakerTest, AllowsOneProbeAtATime) {
  OpenByFailures();
  WaitForProbe();
  EXPECT_TRUE(breaker_.OnStart());
  EXPECT_FALSE(breaker_.Allows(now_));
  EXPECT_FALSE(breaker_.Allows(now_ + std::chrono::hours(1)));
  breaker_.OnEnd(true, Sign::kWell, now_, random_);
  EXPECT_TRUE(breaker_.is_closed());
  EXPECT_FALSE(breaker_.OnStart()) << "no probe once it is closed";
}

TEST_F(CircuitBreakerTest, DoublesItsPauseWhileProbesFail) {
  OpenByFailures();
  for (const int pause : {2, 4, 8, 16, 32, 60, 60}) {
    WaitForProbe();
    Attempt(Sign::kFailure);
    EXPECT_EQ(ToNextProbe(), seconds(pause));
  }
  WaitForProbe();
  Attempt(Sign::kNone);
  EXPECT_EQ(ToNextProbe(), seconds(60)) << "a probe without a result";
  WaitForProbe();
  Attempt(Sign::kWell);
  OpenByFailures();
  EXPECT_EQ(ToNextProbe(), seconds(1)) << "forgotten with the first success";
}

TEST_F(CircuitBreakerTest, ProbesOncePerSecondWhileTheKeyIsRefused) {
  Attempt(Sign::kRefusal);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ToNextProbe(), seconds(1));
    WaitForProbe();
    Attempt(Sign::kRefusal);
  }
  WaitForProbe();
  Attempt(Sign::kWell);
  EXPECT_TRUE(breaker_.is_closed());
}

TEST_F(CircuitBreakerTest, HearsOfEarlierAttemptsOnlyIfTheyEndWell) {
  OpenByFailures();
  now_ += std::chrono::milliseconds(300);
  breaker_.OnEnd(false, Sign::kFailure, now_, random_);
  breaker_.OnEnd(false, Sign::kRefusal, now_, random_);
  EXPECT_EQ(breaker_.next_probe() - now_, std::chrono::milliseconds(700));
  WaitForProbe();
  EXPECT_TRUE(breaker_.OnStart());
  breaker_.OnEnd(false, Sign::kFailure, now_, random_);
  EXPECT_FALSE(breaker_.Allows(now_)) << "the probe is under way still";
  breaker_.OnEnd(false, Sign::kWell, now_, random_);
  EXPECT_TRUE(breaker_.is_closed());
  breaker_.OnEnd(true, Sign::kFailure, now_, random_);
  EXPECT_TRUE(breaker_.is_closed()) << "one failure, as any other";
}

}  // namespace
}  // namespace signal_delivery::client
