// Answers that come after the deadline of their delivery: its caller has been
// told that nothing is known, and what they say is not lost.
#include <gtest/gtest.h>

#include "tests/client/dispatcher_harness.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

class LateAnswersTest : public DispatcherTest {
 protected:
  // A delivery whose deadline has passed while its request was under way.
  uint64_t DeliverOverdue(milliseconds timeout = milliseconds(300)) {
    const auto id = Deliver(timeout);
    scheduler_.Advance(timeout);
    transport_->BeOverdue();
    return id;
  }
};

TEST_F(LateAnswersTest, AreWaitedForWhenTheCallerHasHisVerdict) {
  const auto id = Deliver(milliseconds(300));
  const Transport::Attempt& attempt = transport_->under_way().front().attempt;
  EXPECT_EQ(attempt.deadline, scheduler_.Now() + milliseconds(300));
  EXPECT_EQ(attempt.answer_by, scheduler_.Now() + milliseconds(2300));
  scheduler_.Advance(milliseconds(300));
  transport_->BeOverdue();
  EXPECT_EQ(VerdictOf(id).kind, Kind::kUnknown);
  EXPECT_EQ(VerdictOf(id).cause, Cause::kNoAnswerBeforeDeadline);
  EXPECT_EQ(VerdictOf(id).attempts, 1);
  EXPECT_FALSE(dispatcher_.unused());
  Answer(202);
  EXPECT_EQ(late_answers_.at(id).kind, Kind::kAccepted);
  EXPECT_TRUE(dispatcher_.unused());
}

TEST_F(LateAnswersTest, AreNotWaitedForWhereAnotherAttemptFollows) {
  Deliver(seconds(30));
  const Transport::Attempt& attempt = transport_->under_way().front().attempt;
  EXPECT_EQ(attempt.answer_by, attempt.deadline);
}

TEST_F(LateAnswersTest, AreNotFollowedByAnotherAttempt) {
  const auto id = DeliverOverdue();
  Answer(503);
  EXPECT_EQ(late_answers_.at(id).kind, Kind::kNotDelivered);
  scheduler_.Advance(seconds(30));
  EXPECT_EQ(transport_->posts(), 1);
}

TEST_F(LateAnswersTest, ThatDoNotComeAreNone) {
  DeliverOverdue();
  scheduler_.Advance(seconds(2));
  Fail(Stage::kAfterSending, What::kDeadline);
  EXPECT_TRUE(late_answers_.empty());
  EXPECT_TRUE(dispatcher_.unused());
}

TEST_F(LateAnswersTest, AreNotReadForWhoIsNotOverdue) {
  const auto id = Deliver();
  Answer(202);
  EXPECT_EQ(VerdictOf(id).kind, Kind::kAccepted);
  EXPECT_TRUE(late_answers_.empty());
}

TEST_F(LateAnswersTest, KeepTheirPlaceAmongThoseUnderWay) {
  for (int i = 0; i < 8; ++i) Deliver(milliseconds(300));
  scheduler_.Advance(milliseconds(300));
  for (auto& posted : transport_->under_way()) posted.attempt.on_overdue();
  Deliver();
  EXPECT_EQ(transport_->posts(), 8);
  Answer(202);
  EXPECT_EQ(transport_->posts(), 9);
}

// Else a host that hangs would never be left alone by callers of no patience.
TEST_F(LateAnswersTest, ThatDoNotComeOpenTheBreakerHoweverShortTheDeadlines) {
  for (int i = 0; i < 5; ++i) {
    DeliverOverdue();
    scheduler_.Advance(seconds(2));
    Fail(Stage::kAfterSending, What::kDeadline);
  }
  EXPECT_EQ(VerdictOf(Deliver(milliseconds(300))).cause, Cause::kCircuitOpen);
}

TEST_F(LateAnswersTest, AreCancelledByNobody) {
  const auto id = DeliverOverdue();
  dispatcher_.Cancel(id);
  EXPECT_TRUE(transport_->cancelled().empty());
}

// A connection that is not let in says nothing within a short deadline, but so
// does none of those before.
TEST_F(LateAnswersTest, AHostThatLetsNobodyInIsDownHoweverShortTheDeadlines) {
  const auto expire = [this](seconds silent) {
    Deliver(milliseconds(300));
    scheduler_.Advance(milliseconds(300));
    transport_->End(TransportFailure{Stage::kBeforeSending, What::kDeadline},
                    /*tried=*/true, silent);
  };
  for (int i = 0; i < 5; ++i) expire(seconds(1));
  Deliver(milliseconds(300));
  EXPECT_EQ(under_way(), 1u);
  Answer(202);
  for (int i = 0; i < 5; ++i) expire(seconds(2));
  EXPECT_EQ(VerdictOf(Deliver(milliseconds(300))).cause, Cause::kCircuitOpen);
}

}  // namespace
}  // namespace signal_delivery::client
