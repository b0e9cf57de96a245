// Whether and when a delivery is tried again, and what it comes to.
#include <gtest/gtest.h>

#include "tests/client/dispatcher_harness.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;
using std::chrono::nanoseconds;

class RetriesTest : public DispatcherTest {
 protected:
  // Another attempt starts after exactly that time.
  void ExpectRetryAfter(nanoseconds pause) {
    EXPECT_EQ(under_way(), 0u);
    scheduler_.Advance(pause - nanoseconds(1));
    EXPECT_EQ(under_way(), 0u);
    scheduler_.Advance(nanoseconds(1));
    EXPECT_EQ(under_way(), 1u);
  }
};

TEST_F(RetriesTest, UnavailableAndThenTakenIsAccepted) {
  const auto id = Deliver();
  EXPECT_EQ(under_way(), 1u) << "at once";
  Answer(503);
  EXPECT_FALSE(IsDone(id));
  ExpectRetryAfter(milliseconds(100));
  Answer(202);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kAccepted);
  EXPECT_EQ(VerdictOf(id).attempts, 2);
  EXPECT_EQ(transport_->posts(), 2);
}

TEST_F(RetriesTest, PausesDoubleAndAreSpread) {
  Deliver();
  random_ = 1;
  Answer(429);
  ExpectRetryAfter(milliseconds(100));
  Answer(429);
  ExpectRetryAfter(milliseconds(200));
  random_ = 0.25;
  Answer(429);
  ExpectRetryAfter(milliseconds(100));
}

TEST_F(RetriesTest, SendTheSameBytes) {
  Deliver(seconds(30), "a body");
  const auto first = transport_->under_way().front().attempt.body;
  const auto destination = transport_->under_way().front().attempt.destination;
  Fail(Stage::kAfterSending);
  scheduler_.Advance(milliseconds(100));
  const auto& second = transport_->under_way().front().attempt;
  EXPECT_EQ(second.body, first);
  EXPECT_EQ(*second.body, "a body");
  EXPECT_EQ(second.destination, destination);
}

TEST_F(RetriesTest, AreNeverSoonerThanTheHostAsks) {
  Deliver();
  Answer(429, absl::Seconds(7));
  ExpectRetryAfter(seconds(7));
  Answer(503, absl::ZeroDuration());
  ExpectRetryAfter(milliseconds(200));
}

TEST_F(RetriesTest, AreGivenUpAtOnceWhereThereWouldBeNoTime) {
  const auto id = Deliver(seconds(7));
  Answer(429, absl::Seconds(7));
  EXPECT_EQ(VerdictOf(id).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kRateLimited);
  EXPECT_EQ(VerdictOf(id).http_status, 429);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Seconds(7));
  EXPECT_EQ(VerdictOf(id).attempts, 1);

  const auto just_so = Deliver(seconds(7) + nanoseconds(1));
  Answer(429, absl::Seconds(7));
  EXPECT_FALSE(IsDone(just_so));
}

TEST_F(RetriesTest, ReturnTheRemainderOfTheirPause) {
  const auto id = Deliver(milliseconds(150));
  Answer(503);
  ExpectRetryAfter(milliseconds(100));
  scheduler_.Advance(milliseconds(10));
  Answer(503);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(200));
  EXPECT_EQ(VerdictOf(id).attempts, 2);
}

// An attempt without time for its answer would turn what is known into what is
// not.
TEST_F(RetriesTest, AreNotStartedWhereTheAnswerWouldComeTooLate) {
  Deliver();
  scheduler_.Advance(milliseconds(40));
  Answer(202);
  const auto id = Deliver(milliseconds(140));
  Answer(503);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kUpstreamUnavailable);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(100));
  const auto longer = Deliver(milliseconds(141));
  Answer(503);
  EXPECT_FALSE(IsDone(longer));
}

TEST_F(RetriesTest, AreNotMadeOfWhatIsSettled) {
  for (const int status : {202, 200, 204, 301, 400, 401, 404, 413, 501}) {
    const auto id = Deliver();
    Answer(status);
    EXPECT_EQ(VerdictOf(id).attempts, 1) << status;
    EXPECT_EQ(VerdictOf(id).http_status, status);
    scheduler_.Advance(seconds(1));  // after a 401 nothing else may start
    EXPECT_EQ(under_way(), 0u) << status;
  }
}

TEST_F(RetriesTest, FollowEveryFailureOfTransport) {
  for (const Stage stage : {Stage::kLookup, Stage::kConnect, Stage::kHandshake,
                            Stage::kBeforeSending, Stage::kAfterSending}) {
    const auto id = Deliver();
    Fail(stage);
    ExpectRetryAfter(milliseconds(100));
    Answer(202);
    EXPECT_EQ(VerdictOf(id).kind, Kind::kAccepted);
    EXPECT_EQ(VerdictOf(id).attempts, 2);
  }
}

TEST_F(RetriesTest, DoNotMakeTheUnknownKnown) {
  const auto id = Deliver(milliseconds(150));
  Fail(Stage::kAfterSending);
  ExpectRetryAfter(milliseconds(100));
  Answer(503);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kUnknown);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kConnectionLostAfterSending);
  EXPECT_EQ(VerdictOf(id).retry_after, absl::Milliseconds(200));
  EXPECT_EQ(VerdictOf(id).attempts, 2);
}

TEST_F(RetriesTest, FollowAnAttemptThatHangs) {
  const auto id = Deliver(seconds(30));
  EXPECT_EQ(transport_->under_way().front().attempt.deadline,
            scheduler_.Now() + seconds(10));
  scheduler_.Advance(seconds(10));
  Fail(Stage::kAfterSending, What::kDeadline);
  ExpectRetryAfter(milliseconds(100));
  Answer(202);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kAccepted);
}

TEST_F(RetriesTest, HaveTheDeliverysDeadline) {
  const auto id = Deliver(milliseconds(300));
  Answer(503);
  scheduler_.Advance(milliseconds(100));
  EXPECT_EQ(transport_->under_way().front().attempt.deadline,
            scheduler_.Now() + milliseconds(200));
  scheduler_.Advance(milliseconds(200));
  Fail(Stage::kAfterSending, What::kDeadline);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kUnknown);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kNoAnswerBeforeDeadline);
}

TEST_F(RetriesTest, ComeBeforeDeliveriesThatWereNotTried) {
  Deliver(seconds(30), "first");
  Answer(503);
  // As many as may be under way, and one that waits.
  for (int i = 0; i < 7; ++i) Deliver(seconds(30), "busy");
  Deliver(seconds(30), "fresh");
  scheduler_.Advance(milliseconds(100));
  Answer(202);
  EXPECT_EQ(*transport_->under_way().back().attempt.body, "first");
}

TEST_F(RetriesTest, AreNoMoreThanTheBudgetAllows) {
  // Four fail, and with them four others are in flight: three may be retried.
  for (int i = 0; i < 8; ++i) Deliver();
  scheduler_.Advance(milliseconds(10));
  for (int i = 0; i < 4; ++i) Answer(503);
  scheduler_.Advance(milliseconds(100));
  EXPECT_EQ(transport_->posts(), 8 + 3);
  for (int i = 0; i < 4; ++i) Answer(202);
  EXPECT_EQ(transport_->posts(), 8 + 3) << "those were no retries";
  Answer(202);
  EXPECT_EQ(transport_->posts(), 8 + 4);
}

TEST_F(RetriesTest, AreNoMoreForAllThatWaitsBehindThem) {
  // Eight are under way at most, and many wait.
  for (int i = 0; i < 60; ++i) Deliver();
  for (int i = 0; i < 4; ++i) Answer(503, absl::Seconds(1));
  scheduler_.Advance(seconds(1));
  for (int i = 0; i < 5; ++i) Answer(202);
  int retries = 0;
  for (const auto& posted : transport_->under_way()) {
    if (posted.attempt.id < 4) ++retries;
  }
  EXPECT_EQ(retries, 3);
}

// ---- Cancelling ------------------------------------------------------------

TEST_F(RetriesTest, CancelledDeliveryThatRestsIsToldWhatIsKnown) {
  const auto id = Deliver();
  Answer(500);
  dispatcher_.Cancel(id);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kUnknown);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kUpstreamError);
  scheduler_.Advance(seconds(30));
  EXPECT_EQ(transport_->posts(), 1);
}

TEST_F(RetriesTest, CancelledDeliveryThatIsSentIsReadToItsEndAndNotTriedAgain) {
  const auto id = Deliver();
  dispatcher_.Cancel(id);
  EXPECT_FALSE(IsDone(id));
  ASSERT_EQ(transport_->cancelled().size(), 1u);
  EXPECT_EQ(transport_->cancelled()[0],
            std::make_pair(id, scheduler_.Now() + seconds(2)));
  Answer(503);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kUpstreamUnavailable);
  scheduler_.Advance(seconds(30));
  EXPECT_EQ(transport_->posts(), 1);
}

TEST_F(RetriesTest, CancelledDeliveryThatWaitsIsNotSent) {
  for (int i = 0; i < 8; ++i) Deliver();
  const auto id = Deliver();
  dispatcher_.Cancel(id);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kCancelled);
  EXPECT_EQ(VerdictOf(id).attempts, 0);
  dispatcher_.Cancel(id);
  dispatcher_.Cancel(12345);
  for (int i = 0; i < 8; ++i) Answer(202);
  EXPECT_EQ(transport_->posts(), 8);
}

// ---- The end ---------------------------------------------------------------

TEST_F(RetriesTest, ShutdownEndsWhatWaitsAndWhatRests) {
  const auto resting = Deliver();
  Fail(Stage::kAfterSending);
  for (int i = 0; i < 7; ++i) Deliver();  // fewer, since the host failed
  const auto waiting = Deliver();
  const auto ready = resting + 1;
  dispatcher_.Shutdown();
  EXPECT_EQ(VerdictOf(resting).cause, Cause::kConnectionLostAfterSending);
  EXPECT_EQ(VerdictOf(waiting).cause, Cause::kShuttingDown);
  EXPECT_FALSE(IsDone(ready));
  Fail(Stage::kAfterSending, What::kShutdown);
  EXPECT_EQ(VerdictOf(ready).cause, Cause::kConnectionLostAfterSending);
  EXPECT_EQ(VerdictOf(Deliver()).cause, Cause::kShuttingDown);
  Answer(503);
  EXPECT_EQ(VerdictOf(ready + 1).cause, Cause::kUpstreamUnavailable);
  EXPECT_EQ(transport_->posts(), 8);
}

}  // namespace
}  // namespace signal_delivery::client
