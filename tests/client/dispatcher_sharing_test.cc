// Deliveries of one key: one is posted, the others wait for what becomes of it.
#include <gtest/gtest.h>

#include "tests/client/dispatcher_harness.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

class SharingTest : public DispatcherTest {
 protected:
  uint64_t DeliverSame(std::chrono::nanoseconds timeout = seconds(30)) {
    return Deliver(timeout, "{}", "key");
  }
};

TEST_F(SharingTest, OnePostServesAllWhereItsAnswerIsForGood) {
  for (const int status : {202, 400}) {
    const int before = transport_->posts();
    const auto first = DeliverSame();
    const auto second = DeliverSame();
    const auto third = DeliverSame();
    EXPECT_EQ(transport_->posts(), before + 1);
    Answer(status);
    EXPECT_FALSE(VerdictOf(first).shared);
    EXPECT_EQ(VerdictOf(first).attempts, 1);
    for (const auto id : {second, third}) {
      EXPECT_EQ(VerdictOf(id).kind, VerdictOf(first).kind);
      EXPECT_EQ(VerdictOf(id).http_status, status);
      EXPECT_TRUE(VerdictOf(id).shared);
      EXPECT_EQ(VerdictOf(id).attempts, 0);
    }
    EXPECT_EQ(transport_->posts(), before + 1);
  }
}

TEST_F(SharingTest, OtherKeysAndThoseWithoutOneDoNotWait) {
  DeliverSame();
  Deliver(seconds(30), "{}", "other key");
  Deliver();
  Deliver();
  EXPECT_EQ(under_way(), 4u);
}

TEST_F(SharingTest, WhoWaitsIsServedByARetry) {
  const auto first = DeliverSame();
  const auto second = DeliverSame();
  Answer(503);
  scheduler_.Advance(milliseconds(100));
  EXPECT_EQ(transport_->posts(), 2);
  Answer(202);
  EXPECT_EQ(VerdictOf(first).attempts, 2);
  EXPECT_EQ(VerdictOf(second).kind, Kind::kAccepted);
  EXPECT_EQ(transport_->posts(), 2);
}

TEST_F(SharingTest, WhoCannotWaitKnowsNothingOfWhatIsSent) {
  DeliverSame();
  const auto second = DeliverSame(milliseconds(200));
  scheduler_.Advance(milliseconds(200));
  EXPECT_EQ(VerdictOf(second).kind, Kind::kUnknown);
  EXPECT_EQ(VerdictOf(second).cause, Cause::kNoAnswerBeforeDeadline);
  EXPECT_EQ(VerdictOf(second).attempts, 0);
  Answer(202);
}

TEST_F(SharingTest, WhoCannotWaitForWhatWasNotSentIsNotDelivered) {
  for (int i = 0; i < 8; ++i) Deliver();
  DeliverSame();
  const auto second = DeliverSame(milliseconds(200));
  scheduler_.Advance(milliseconds(200));
  EXPECT_EQ(VerdictOf(second).kind, Kind::kNotDelivered);
  EXPECT_EQ(VerdictOf(second).cause, Cause::kDeadlineBeforeSending);
}

TEST_F(SharingTest, TheNextIsPostedWhereTheFirstEndsWithoutAVerdictForGood) {
  const auto first = DeliverSame(milliseconds(50));
  const auto second = DeliverSame();
  const auto third = DeliverSame();
  Answer(503);
  EXPECT_EQ(VerdictOf(first).kind, Kind::kNotDelivered);
  EXPECT_EQ(transport_->posts(), 2);
  Answer(202);
  EXPECT_EQ(VerdictOf(second).attempts, 1);
  EXPECT_FALSE(VerdictOf(second).shared);
  EXPECT_TRUE(VerdictOf(third).shared);
  EXPECT_EQ(transport_->posts(), 2);
}

TEST_F(SharingTest, WhatIsUnknownOfTheFirstIsUnknownToTheNext) {
  DeliverSame(milliseconds(50));
  const auto second = DeliverSame(milliseconds(90));
  Answer(500);
  EXPECT_EQ(transport_->posts(), 2);
  Answer(503);
  EXPECT_EQ(VerdictOf(second).kind, Kind::kUnknown);
  EXPECT_EQ(VerdictOf(second).attempts, 1);
}

TEST_F(SharingTest, ALateAnswerServesWhoCameMeanwhile) {
  const auto first = DeliverSame(milliseconds(300));
  scheduler_.Advance(milliseconds(300));
  transport_->BeOverdue();
  const auto second = DeliverSame();
  EXPECT_EQ(VerdictOf(first).kind, Kind::kUnknown);
  Answer(202);
  EXPECT_EQ(VerdictOf(second).kind, Kind::kAccepted);
  EXPECT_EQ(transport_->posts(), 1);
}

TEST_F(SharingTest, ACancelledFirstDoesNotCancelTheNext) {
  const auto sent = DeliverSame();
  const auto second = DeliverSame();
  dispatcher_.Cancel(sent);
  Fail(Stage::kAfterSending, What::kDeadline);
  EXPECT_EQ(VerdictOf(sent).kind, Kind::kUnknown);
  EXPECT_EQ(transport_->posts(), 2);
  Answer(202);
  EXPECT_EQ(VerdictOf(second).kind, Kind::kAccepted);

  for (int i = 0; i < 8; ++i) Deliver();
  const auto waiting = DeliverSame();
  const auto next = DeliverSame();
  dispatcher_.Cancel(waiting);
  EXPECT_EQ(VerdictOf(waiting).cause, Cause::kCancelled);
  for (int i = 0; i < 9; ++i) Answer(202);
  EXPECT_EQ(VerdictOf(next).kind, Kind::kAccepted);
}

TEST_F(SharingTest, OneThatWaitsCanBeCancelledByItself) {
  const auto first = DeliverSame();
  const auto second = DeliverSame();
  const auto third = DeliverSame();
  dispatcher_.Cancel(second);
  EXPECT_EQ(VerdictOf(second).kind, Kind::kUnknown);
  Answer(202);
  EXPECT_EQ(VerdictOf(first).kind, Kind::kAccepted);
  EXPECT_EQ(VerdictOf(third).kind, Kind::kAccepted);
  EXPECT_TRUE(dispatcher_.unused());
}

TEST_F(SharingTest, ShutdownEndsThemWithTheFirst) {
  const auto first = DeliverSame();
  const auto second = DeliverSame();
  const auto third = DeliverSame();
  dispatcher_.Shutdown();
  Fail(Stage::kAfterSending, What::kShutdown);
  for (const auto id : {first, second, third}) {
    EXPECT_EQ(VerdictOf(id).kind, Kind::kUnknown);
  }
  EXPECT_EQ(transport_->posts(), 1);
}

TEST_F(SharingTest, TheHopelessEndTogether) {
  for (int i = 0; i < 5; ++i) {
    Deliver(milliseconds(1));
    Fail(Stage::kConnect);
  }
  const auto first = DeliverSame(milliseconds(1500));
  const auto second = DeliverSame(milliseconds(1600));
  scheduler_.Advance(seconds(1));
  Fail(Stage::kConnect);
  EXPECT_EQ(VerdictOf(first).cause, Cause::kConnectFailed);
  EXPECT_EQ(VerdictOf(second).cause, Cause::kCircuitOpen);
}

}  // namespace
}  // namespace signal_delivery::client
