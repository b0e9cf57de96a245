// What lets deliveries wait before they start: the number under way, the rate,
// and a host that fails or does not accept the key.
#include <gtest/gtest.h>

#include "tests/client/dispatcher_harness.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;
using std::chrono::nanoseconds;

class GatesTest : public DispatcherTest {
 protected:
  using DispatcherTest::DispatcherTest;

  // Five deliveries that fail, each for good.
  void OpenBreaker() {
    for (int i = 0; i < 5; ++i) {
      Deliver(milliseconds(1));
      Fail(Stage::kConnect);
    }
  }
};

TEST_F(GatesTest, DeliveriesStartInOrderAsOthersEnd) {
  for (int i = 0; i < 12; ++i) Deliver(seconds(30), std::to_string(i));
  EXPECT_EQ(under_way(), 8u);
  Answer(400);
  EXPECT_EQ(under_way(), 8u);
  EXPECT_EQ(*transport_->under_way().back().attempt.body, "8");
}

TEST_F(GatesTest, DeadlineThatHasPassedSendsNothing) {
  const auto id = Deliver(seconds(0));
  EXPECT_EQ(VerdictOf(id).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kDeadlineBeforeSending);
  EXPECT_EQ(VerdictOf(id).attempts, 0);
  EXPECT_EQ(transport_->posts(), 0);
}

TEST_F(GatesTest, DeliveryWhoseTurnDoesNotComeExpiresAtItsDeadline) {
  for (int i = 0; i < 8; ++i) Deliver();
  const auto id = Deliver(milliseconds(500));
  scheduler_.Advance(milliseconds(500) - nanoseconds(1));
  EXPECT_FALSE(IsDone(id));
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(VerdictOf(id).cause, Cause::kDeadlineBeforeSending);
  EXPECT_EQ(VerdictOf(id).attempts, 0);
}

TEST_F(GatesTest, FewerAreUnderWayWhenTheHostFails) {
  for (int i = 0; i < 12; ++i) Deliver();
  Answer(500);
  EXPECT_EQ(under_way(), 7u);
}

// ---- The rate --------------------------------------------------------------

class PacedTest : public GatesTest {
 protected:
  PacedTest() : GatesTest(/*max_requests_per_second=*/10) {}
};

TEST_F(PacedTest, DeliveriesStartAtTheRate) {
  for (int i = 0; i < 4; ++i) Deliver();
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(transport_->posts(), i);
    scheduler_.Advance(milliseconds(100) - nanoseconds(1));
    EXPECT_EQ(transport_->posts(), i);
    scheduler_.Advance(nanoseconds(1));
  }
}

TEST_F(PacedTest, RetriesTakeTurnsToo) {
  random_ = 0;
  Deliver();
  Answer(503);
  scheduler_.Advance(milliseconds(99));
  EXPECT_EQ(transport_->posts(), 1);
  scheduler_.Advance(milliseconds(1));
  EXPECT_EQ(transport_->posts(), 2);
}

TEST_F(PacedTest, DeliveryThatGetsNoTurnIsToldWhenToComeBack) {
  Deliver();
  for (int i = 0; i < 3; ++i) Deliver();
  const auto id = Deliver(milliseconds(150));
  scheduler_.Advance(milliseconds(150));
  EXPECT_EQ(VerdictOf(id).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kPaced);
  // Two before it and itself, at ten a second.
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(300));
}

// At the limit one a second is tried, until the next answer says that the limit
// has room again. Four turns would be four seconds, were it to last.
TEST_F(PacedTest, AMomentAtTheLimitSendsNobodyAwayForLong) {
  for (int i = 0; i < 13; ++i) {
    Deliver();
    transport_->End(
        HttpAnswer{.status = 202, .limit_used_percent = i == 12 ? 100 : 0});
    scheduler_.Advance(milliseconds(100));
  }
  for (int i = 0; i < 3; ++i) Deliver();
  const auto id = Deliver(milliseconds(50));
  scheduler_.Advance(milliseconds(50));
  EXPECT_EQ(VerdictOf(id).cause, Cause::kPaced);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(400))
      << "at ten a second, as many as went lately";
}

TEST_F(PacedTest, AnswersSteerTheRate) {
  Deliver();
  transport_->End(HttpAnswer{.status = 202, .limit_used_percent = 90});
  Deliver();
  Deliver();
  scheduler_.Advance(milliseconds(190));
  EXPECT_EQ(transport_->posts(), 1) << "5.25 a second";
  scheduler_.Advance(milliseconds(1));
  EXPECT_EQ(transport_->posts(), 2);
}

// ---- A host that fails -----------------------------------------------------

TEST_F(GatesTest, FailingHostIsLeftAloneButForProbes) {
  OpenBreaker();
  Deliver();
  Deliver();
  scheduler_.Advance(seconds(1) - nanoseconds(1));
  EXPECT_EQ(under_way(), 0u);
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(under_way(), 1u);
  Answer(503);
  scheduler_.Advance(seconds(2) - nanoseconds(1));
  EXPECT_EQ(under_way(), 0u);
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(under_way(), 1u);
  Answer(202);
  EXPECT_EQ(under_way(), 1u) << "the other one, at once";
}

TEST_F(GatesTest, DeliveryWithoutTimeForTheNextProbeIsAnsweredAtOnce) {
  OpenBreaker();
  scheduler_.Advance(milliseconds(400));
  const auto id = Deliver(milliseconds(600));
  EXPECT_EQ(VerdictOf(id).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kCircuitOpen);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(600));
  EXPECT_EQ(VerdictOf(id).attempts, 0);
  EXPECT_FALSE(IsDone(Deliver(milliseconds(600) + nanoseconds(1))));
}

TEST_F(GatesTest, FailedProbeEndsThoseWithoutTimeForTheNextOne) {
  OpenBreaker();
  const auto probe = Deliver(seconds(30));
  const auto soon = Deliver(seconds(3));
  const auto late = Deliver(seconds(4));
  scheduler_.Advance(seconds(1));
  Fail(Stage::kConnect);
  EXPECT_FALSE(IsDone(probe));
  EXPECT_EQ(VerdictOf(soon).cause, Cause::kCircuitOpen);
  EXPECT_EQ(VerdictOf(soon).retry_after, absl::Seconds(2));
  EXPECT_FALSE(IsDone(late));
}

TEST_F(GatesTest, DeliveryThatWasTriedKeepsItsOwnCauseWhenTheBreakerOpens) {
  std::vector<uint64_t> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(Deliver(milliseconds(500)));
  for (int i = 0; i < 5; ++i) Answer(503);
  for (const auto id : ids) {
    EXPECT_EQ(VerdictOf(id).cause, Cause::kUpstreamUnavailable);
    EXPECT_EQ(VerdictOf(id).attempts, 1);
    EXPECT_EQ(VerdictOf(id).retry_after, absl::Seconds(1));
  }
}

TEST_F(GatesTest, RetryWaitsForTheProbe) {
  const auto id = Deliver();
  Deliver();
  Deliver();
  Deliver();
  Deliver();
  for (int i = 0; i < 5; ++i) Answer(503);
  scheduler_.Advance(seconds(1) - nanoseconds(1));
  EXPECT_EQ(transport_->posts(), 5);
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(transport_->posts(), 6);
  Answer(202);
  EXPECT_EQ(VerdictOf(id).attempts, 2);
  EXPECT_EQ(transport_->posts(), 6 + 3) << "the budget's three";
}

TEST_F(GatesTest, CallersWithoutPatienceSayNothingOfTheHost) {
  for (int i = 0; i < 5; ++i) {
    Deliver(milliseconds(1999));
    scheduler_.Advance(milliseconds(1999));
    Fail(Stage::kAfterSending, What::kDeadline);
  }
  Deliver();
  EXPECT_EQ(under_way(), 1u);
  Answer(202);
  for (int i = 0; i < 5; ++i) {
    Deliver(milliseconds(2000));
    scheduler_.Advance(milliseconds(2000));
    Fail(Stage::kAfterSending, What::kDeadline);
  }
  Deliver();
  EXPECT_EQ(under_way(), 0u);
}

// ---- A key that is not accepted --------------------------------------------

class RefusedKeyTest : public GatesTest,
                       public testing::WithParamInterface<int> {};

TEST_P(RefusedKeyTest, IsProbedOncePerSecondWhileTheOthersWait) {
  const auto first = Deliver();
  Answer(GetParam());
  EXPECT_EQ(VerdictOf(first).http_status, GetParam());
  for (int i = 0; i < 10; ++i) Deliver();
  for (int i = 1; i <= 5; ++i) {
    scheduler_.Advance(seconds(1) - nanoseconds(1));
    EXPECT_EQ(transport_->posts(), i);
    scheduler_.Advance(nanoseconds(1));
    EXPECT_EQ(transport_->posts(), i + 1);
    Answer(GetParam());
    EXPECT_EQ(VerdictOf(first + i).http_status, GetParam());
  }
  scheduler_.Advance(seconds(1));
  Answer(202);
  EXPECT_EQ(under_way(), 4u) << "the rest, at once";
}

TEST_P(RefusedKeyTest, IsTheCauseOfThoseWhoCannotWait) {
  Deliver();
  Answer(GetParam());
  scheduler_.Advance(milliseconds(300));
  const auto id = Deliver(milliseconds(700));
  EXPECT_EQ(VerdictOf(id).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(id).cause,
            GetParam() == 401 ? Cause::kUnauthorized : Cause::kForbidden);
  EXPECT_EQ(VerdictOf(id).http_status, 0) << "none was read for it";
  EXPECT_EQ(VerdictOf(id).attempts, 0);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(700));
}

TEST_P(RefusedKeyTest, IsTriedAtOnceWhenAskedTo) {
  Deliver();
  Answer(GetParam());
  const auto id = Deliver();
  Deliver();
  EXPECT_EQ(under_way(), 0u);
  dispatcher_.TryKeyAgain();
  EXPECT_EQ(under_way(), 1u) << "no time has passed; one, as a probe";
  dispatcher_.TryKeyAgain();
  EXPECT_EQ(under_way(), 1u);
  Answer(202);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kAccepted);
  EXPECT_EQ(under_way(), 1u) << "the rest";
}

TEST_P(RefusedKeyTest, IsProbedAsBeforeWhereTryingItAtOnceWasInVain) {
  Deliver();
  Answer(GetParam());
  scheduler_.Advance(milliseconds(500));
  Deliver();
  Deliver();
  dispatcher_.TryKeyAgain();
  Answer(GetParam());
  scheduler_.Advance(seconds(1) - nanoseconds(1));
  EXPECT_EQ(under_way(), 0u);
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(under_way(), 1u);
}

TEST_F(GatesTest, AHostThatAnswersOthersIsProbedOnceASecond) {
  OpenBreaker();
  // Nobody else hears of it: 1, 2, 4 and 8 seconds.
  for (const int pause : {1, 2, 4}) {
    scheduler_.Advance(seconds(pause));
    Deliver(milliseconds(1));
    Fail(Stage::kConnect);
  }
  scheduler_.Advance(milliseconds(300));
  host_news_->OnAnswer(scheduler_.Now());
  const auto id = Deliver();
  scheduler_.Advance(milliseconds(700) - nanoseconds(1));
  EXPECT_EQ(under_way(), 0u);
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(under_way(), 1u) << "a second after the last probe";
  host_news_->OnAnswer(scheduler_.Now());
  Deliver();
  EXPECT_EQ(under_way(), 1u) << "one at a time";
  Answer(202);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kAccepted);
}

TEST_F(GatesTest, WhoeverWaitsHearsWithinASecondThatTheHostAnswersOthers) {
  OpenBreaker();
  for (const int pause : {1, 2, 4}) {
    scheduler_.Advance(seconds(pause));
    Deliver(milliseconds(1));
    Fail(Stage::kConnect);
  }
  scheduler_.Advance(seconds(5));
  Deliver();
  host_news_->OnAnswer(scheduler_.Now());
  scheduler_.Advance(seconds(1) - nanoseconds(1));
  EXPECT_EQ(under_way(), 0u);
  scheduler_.Advance(nanoseconds(1));
  EXPECT_EQ(under_way(), 1u);
}

TEST_F(GatesTest, WhoComesLaterIsTheProbeEvenWithAShortDeadline) {
  OpenBreaker();
  for (const int pause : {1, 2, 4}) {
    scheduler_.Advance(seconds(pause));
    Deliver(milliseconds(1));
    Fail(Stage::kConnect);
  }
  scheduler_.Advance(seconds(2));
  const auto hopeless = Deliver(milliseconds(500));
  EXPECT_EQ(VerdictOf(hopeless).kind, Kind::kNotDelivered);
  host_news_->OnAnswer(scheduler_.Now());
  Deliver(milliseconds(500));
  EXPECT_EQ(under_way(), 1u);
}

TEST_F(GatesTest, AnAnswerIsNewsForTheOtherDestinationsOfTheHost) {
  const TimePoint before = scheduler_.Now();
  scheduler_.Advance(milliseconds(1));
  Deliver(milliseconds(10));
  Fail(Stage::kConnect);
  Deliver(milliseconds(10));
  Answer(503);
  EXPECT_FALSE(host_news_->AnsweredSince(before)) << "it is not well";
  Deliver();
  Answer(400);
  EXPECT_TRUE(host_news_->AnsweredSince(before));
}

TEST_F(GatesTest, AHostThatFailsIsNotTriedSoonerForItsKey) {
  OpenBreaker();
  Deliver();
  dispatcher_.TryKeyAgain();
  EXPECT_EQ(under_way(), 0u);
}

INSTANTIATE_TEST_SUITE_P(All, RefusedKeyTest, testing::Values(401, 403));

// ---- What the destination says of its load ----------------------------------

TEST_F(PacedTest, LoadIsWhatWaitsAtTheRateThatIsAllowed) {
  for (int i = 0; i < 21; ++i) Deliver();
  ASSERT_EQ(under_way(), 1u);
  EXPECT_EQ(load_.EstimatedWait(), seconds(2));
}

TEST_F(PacedTest, LoadIsGoneWithThoseThatWaited) {
  for (int i = 0; i < 21; ++i) Deliver(milliseconds(50));
  scheduler_.Advance(milliseconds(50));
  EXPECT_EQ(load_.EstimatedWait(), seconds(0));
}

TEST_F(GatesTest, LoadIsWhatWaitsAtTheRateThatRoundTripsAllow) {
  Deliver();
  scheduler_.Advance(seconds(1));
  Answer(202);
  for (int i = 0; i < 24; ++i) Deliver();
  ASSERT_EQ(under_way(), 8u);
  EXPECT_EQ(load_.EstimatedWait(), seconds(2))
      << "16 wait, for eight at a time of a second each";
}

TEST_F(GatesTest, UnusedOnceNobodyDelivers) {
  EXPECT_TRUE(dispatcher_.unused());
  Deliver();
  EXPECT_FALSE(dispatcher_.unused());
  Answer(202);
  EXPECT_TRUE(dispatcher_.unused());
}

}  // namespace
}  // namespace signal_delivery::client
