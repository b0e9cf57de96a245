// What a dispatcher lets others see: its load, and the attempts that end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/dispatcher_harness.h"

namespace signal_delivery::client {
namespace {

using Stage = TransportFailure::Stage;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;

class RecordingObserver final : public AttemptObserver {
 public:
  struct Seen {
    ExchangeResult result;
    std::optional<nanoseconds> time;
  };

  void OnAttempt(const ExchangeResult& result,
                 std::optional<nanoseconds> time) override {
    seen.push_back({result, time});
  }
  void OnRest(const Verdict& why) override {
    news.push_back(absl::StrCat("rests: ", CauseName(why.cause)));
  }
  void OnWell() override { news.push_back("well"); }
  void OnSlower(double before, double now) override {
    news.push_back(absl::StrCat("slower: ", before, " to ", now));
  }

  std::vector<Seen> seen;
  std::vector<std::string> news;
};

class WatchingTest : public DispatcherTest {
 protected:
  WatchingTest() : WatchingTest(std::make_shared<RecordingObserver>()) {}

  const std::shared_ptr<RecordingObserver> observer_;

 private:
  explicit WatchingTest(std::shared_ptr<RecordingObserver> observer)
      : DispatcherTest(DestinationAt(
            "events.example", /*max_requests_per_second=*/100, observer)),
        observer_(std::move(observer)) {}
};

TEST_F(WatchingTest, LoadTellsWhatWaitsAndWhatIsUnderWay) {
  EXPECT_FALSE(load_.published());
  for (int i = 0; i < 13; ++i) Deliver();
  EXPECT_TRUE(load_.published());
  EXPECT_EQ(load_.under_way(), 8u);
  EXPECT_EQ(load_.concurrency_limit(), 8u);
  EXPECT_EQ(load_.waiting(), 5u);
  EXPECT_EQ(load_.EstimatedWait(), milliseconds(50));
  EXPECT_EQ(load_.rate(), 100);
}

TEST_F(WatchingTest, LoadTellsTheShareOfTheLimitWhileItSaysSomething) {
  Deliver();
  EXPECT_EQ(load_.limit_used_percent(scheduler_.Now()), std::nullopt);
  transport_->End(HttpAnswer{.status = 202, .limit_used_percent = 90});
  EXPECT_EQ(load_.limit_used_percent(scheduler_.Now()), 90);
  EXPECT_LT(load_.rate(), 60);
  scheduler_.Advance(Pacer::kShareIsValidFor);
  EXPECT_EQ(load_.limit_used_percent(scheduler_.Now()), std::nullopt);
}

TEST_F(WatchingTest, LoadTellsThatTheBreakerIsNotClosedUntilAProbeSucceeds) {
  Deliver(milliseconds(1));
  EXPECT_FALSE(load_.breaker_open());
  Answer(401);
  EXPECT_TRUE(load_.breaker_open());
  scheduler_.Advance(CircuitBreaker::kFirstPause);
  Deliver();
  EXPECT_TRUE(load_.breaker_open()) << "this is the probe";
  Answer(202);
  EXPECT_FALSE(load_.breaker_open());
}

TEST_F(WatchingTest, ObserverHearsOfEachAttemptThatWasMade) {
  random_ = 0;
  Deliver();
  scheduler_.Advance(milliseconds(30));
  Answer(503);
  scheduler_.Advance(milliseconds(1));
  scheduler_.Advance(milliseconds(20));
  Answer(202);
  ASSERT_EQ(observer_->seen.size(), 2u);
  EXPECT_EQ(std::get<HttpAnswer>(observer_->seen[0].result).status, 503);
  EXPECT_EQ(observer_->seen[0].time, milliseconds(30));
  EXPECT_EQ(std::get<HttpAnswer>(observer_->seen[1].result).status, 202);
  EXPECT_LE(observer_->seen[1].time, milliseconds(21));
}

TEST_F(WatchingTest, ObserverHearsThatTheHostRestsAndThatItIsWellAgain) {
  Deliver(milliseconds(1));
  Answer(401);
  scheduler_.Advance(CircuitBreaker::kFirstPause);
  Deliver(milliseconds(1));
  Answer(401);
  EXPECT_THAT(observer_->news, ElementsAre("rests: Unauthorized"))
      << "the probe that failed is no news";
  scheduler_.Advance(CircuitBreaker::kFirstPause);
  Deliver();
  Answer(202);
  EXPECT_THAT(observer_->news, ElementsAre("rests: Unauthorized", "well"));
}

TEST_F(WatchingTest, ObserverHearsThatA429LoweredTheRateOncePerBurst) {
  Deliver(milliseconds(1));
  Deliver(milliseconds(1));
  Answer(429);
  Answer(429);
  EXPECT_THAT(observer_->news, ElementsAre("slower: 100 to 50"));
}

TEST_F(WatchingTest, ObserverHearsNothingOfWhatWasNotTried) {
  const auto id = Deliver(milliseconds(1));
  transport_->End(TransportFailure{.stage = Stage::kBeforeSending,
                                   .what = TransportFailure::What::kDeadline},
                  /*tried=*/false);
  scheduler_.Advance(milliseconds(1));
  EXPECT_TRUE(IsDone(id));
  EXPECT_TRUE(observer_->seen.empty());
}

}  // namespace
}  // namespace signal_delivery::client
