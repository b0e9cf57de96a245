#include "client/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace signal_delivery::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using TimePoint = Pacer::TimePoint;

constexpr TimePoint kStart{seconds(1000)};

class PacerTest : public testing::Test {
 protected:
  explicit PacerTest(double rate = 270) : pacer_(rate, kStart) {}

  // Sends as much as it may until then; returns how much that was.
  int SendUntil(TimePoint end) {
    int count = 0;
    while ((now_ = std::max(now_, pacer_.NextTurn(now_))) < end) {
      pacer_.OnStart(now_);
      ++count;
    }
    now_ = end;
    return count;
  }
  double RateAfter(std::chrono::nanoseconds time) {
    now_ += time;
    pacer_.NextTurn(now_);
    return pacer_.rate();
  }
  void Answer(const HttpAnswer& answer) { pacer_.OnAnswer(answer, now_, now_); }
  void AnswerWithShare(double percent) {
    Answer({.status = 202, .limit_used_percent = percent});
  }

  Pacer pacer_;
  TimePoint now_ = kStart;
};

TEST_F(PacerTest, LetsABurstGoAndThenItsRate) {
  EXPECT_EQ(SendUntil(kStart + std::chrono::nanoseconds(1)), 27);
  // 27 and 270 a second more, the last of which is due at the very end.
  EXPECT_EQ(SendUntil(kStart + seconds(10)), 2699);
  now_ += seconds(100);
  EXPECT_EQ(SendUntil(now_ + std::chrono::nanoseconds(1)), 27)
      << "a silence earns no more than the burst";
}

TEST_F(PacerTest, NeverSendsMoreThanBurstAndRateInAnyTime) {
  std::vector<TimePoint> starts;
  while (now_ < kStart + seconds(3)) {
    // Now and then nothing to send.
    if (starts.size() % 100 == 99) now_ += milliseconds(170);
    now_ = std::max(now_, pacer_.NextTurn(now_));
    pacer_.OnStart(now_);
    starts.push_back(now_);
  }
  for (size_t i = 0; i < starts.size(); ++i) {
    for (size_t j = i; j < starts.size(); ++j) {
      const std::chrono::duration<double> time = starts[j] - starts[i];
      ASSERT_LE(static_cast<double>(j - i + 1), 27 + 270 * time.count() + 1e-3);
    }
  }
}

TEST(Pacer, OfALowRateSendsOneAtATime) {
  Pacer pacer(2, kStart);
  EXPECT_EQ(pacer.NextTurn(kStart), kStart);
  pacer.OnStart(kStart);
  EXPECT_EQ(pacer.NextTurn(kStart), kStart + milliseconds(500));
  EXPECT_EQ(pacer.NextTurn(kStart + milliseconds(500)),
            kStart + milliseconds(500));
}

// ---- The share of the limit that is used -----------------------------------

TEST_F(PacerTest, SlowsFrom80PercentInAStraightLine) {
  const std::vector<std::pair<double, double>> rows = {
      {0, 1}, {80, 1}, {84, 0.81}, {90, 0.525}, {100, 0.05}, {79, 1}};
  for (const auto& [percent, share] : rows) {
    AnswerWithShare(percent);
    EXPECT_NEAR(pacer_.rate(), 270 * share, 1e-9) << percent;
  }
}

TEST_F(PacerTest, BelievesAShareForFiveSeconds) {
  AnswerWithShare(100);
  EXPECT_NEAR(RateAfter(milliseconds(4999)), 13.5, 1e-9);
  EXPECT_DOUBLE_EQ(RateAfter(milliseconds(1)), 270);
}

TEST_F(PacerTest, KeepsTheShareWhenAnAnswerSaysNothingOfIt) {
  AnswerWithShare(90);
  Answer({.status = 202});
  Answer({.status = 503});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 141.75);
}

TEST_F(PacerTest, OfTheLeastRateSendsOnAtTheLimit) {
  for (int i = 0; i < 20; ++i) {
    Answer({.status = 429});
    now_ += seconds(1);
  }
  AnswerWithShare(100);
  EXPECT_DOUBLE_EQ(pacer_.rate(), 1);
}

TEST_F(PacerTest, CountsOnWhatWentLatelyAlthoughTheShareIsHighAtTheMoment) {
  EXPECT_DOUBLE_EQ(pacer_.ExpectedRate(now_), 270) << "nothing is known yet";
  AnswerWithShare(95);
  SendUntil(now_ + seconds(3));
  AnswerWithShare(100);
  EXPECT_NEAR(pacer_.rate(), 13.5, 1e-9);
  EXPECT_NEAR(pacer_.ExpectedRate(now_), 77.625, 1) << "as at 95 %";
  // Had it stayed so, nothing would have gone.
  EXPECT_NEAR(pacer_.ExpectedRate(now_ + seconds(2)), 13.5, 1e-9);
}

TEST_F(PacerTest, DoesNotCountOnWhatWentBeforeA429) {
  SendUntil(now_ + seconds(2));
  Answer({.status = 429});
  EXPECT_DOUBLE_EQ(pacer_.ExpectedRate(now_), 135);
  AnswerWithShare(100);
  EXPECT_DOUBLE_EQ(pacer_.ExpectedRate(now_), 135);
}

// ---- 429 -------------------------------------------------------------------

TEST_F(PacerTest, HalvesTheRateOncePerSecondAndRoundTrip) {
  const TimePoint sent_at = now_;
  now_ += milliseconds(50);
  for (int i = 0; i < 10; ++i) Answer({.status = 429});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 135) << "one burst";
  now_ += milliseconds(999);
  Answer({.status = 429});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 135) << "within the same second";
  now_ += milliseconds(1);
  pacer_.OnAnswer({.status = 429}, sent_at, now_);
  EXPECT_DOUBLE_EQ(pacer_.rate(), 135) << "sent at the old rate";
  Answer({.status = 429});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 67.5);
}

TEST_F(PacerTest, RecoversInAStraightLineWithinAMinute) {
  Answer({.status = 429});
  EXPECT_DOUBLE_EQ(RateAfter(seconds(1)), 135) << "held for a second";
  EXPECT_DOUBLE_EQ(RateAfter(seconds(1)), 139.5);
  EXPECT_DOUBLE_EQ(RateAfter(seconds(10)), 184.5);
  EXPECT_DOUBLE_EQ(RateAfter(seconds(19)), 270);
  EXPECT_DOUBLE_EQ(RateAfter(seconds(100)), 270);
}

TEST_F(PacerTest, GoesDownToOneASecondAndNoFurther) {
  for (int i = 0; i < 20; ++i) {
    Answer({.status = 429});
    now_ += seconds(1);
  }
  EXPECT_DOUBLE_EQ(pacer_.rate(), 1);
}

// ---- 429 for growing too fast ----------------------------------------------

TEST_F(PacerTest, HoldsWhatItSentWhenItGrewTooFast) {
  for (int i = 0; i < 40; ++i) {
    now_ += milliseconds(20);
    pacer_.OnStart(now_);
  }
  Answer({.status = 429, .acceleration_limited = true});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 40) << "as in the last second, and no less";
  EXPECT_DOUBLE_EQ(RateAfter(seconds(1)), 40);
  EXPECT_DOUBLE_EQ(RateAfter(seconds(10)), 49) << "a fifth of the usual growth";
  RateAfter(seconds(1000));
  Answer({.status = 429});
  EXPECT_DOUBLE_EQ(RateAfter(seconds(11)), 180) << "the usual growth again";
}

TEST_F(PacerTest, CountsTheSecondBeforeAsWell) {
  for (int i = 0; i < 20; ++i) pacer_.OnStart(now_);
  now_ += milliseconds(1100);
  Answer({.status = 429, .acceleration_limited = true});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 20);
  now_ += seconds(3);
  Answer({.status = 429, .acceleration_limited = true});
  EXPECT_DOUBLE_EQ(pacer_.rate(), 1) << "nothing for two seconds";
}

}  // namespace
}  // namespace signal_delivery::client
