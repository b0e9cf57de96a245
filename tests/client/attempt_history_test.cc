#include "client/attempt_history.h"

#include <gtest/gtest.h>

#include "client/judge.h"
#include "tests/client/test_client.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;

const ExchangeResult kLost =
    TransportFailure{.stage = Stage::kAfterSending, .detail = "reset"};
const ExchangeResult kRefused =
    TransportFailure{.stage = Stage::kConnect, .detail = "refused"};

ExchangeResult Answer(int status) { return HttpAnswer{.status = status}; }

Verdict SumOf(const std::vector<ExchangeResult>& results) {
  AttemptHistory history;
  for (const ExchangeResult& result : results) {
    history.Add(Judge(result), /*tried=*/true);
  }
  return history.Sum();
}

TEST(AttemptHistory, OfOneAttemptIsItsVerdict) {
  const Verdict sum = SumOf({Answer(503)});
  EXPECT_EQ(sum.cause, Cause::kUpstreamUnavailable);
  EXPECT_EQ(sum.attempts, 1);
  EXPECT_EQ(sum.detail, "the host answered 503");
}

TEST(AttemptHistory, IsThatOfTheLastAttempt) {
  const Verdict sum = SumOf({kRefused, Answer(429), Answer(503)});
  EXPECT_EQ(sum.kind, Kind::kNotDelivered);
  EXPECT_EQ(sum.cause, Cause::kUpstreamUnavailable);
  EXPECT_EQ(sum.http_status, 503);
  EXPECT_EQ(sum.attempts, 3);
  EXPECT_EQ(sum.detail, "3 attempts; the last: the host answered 503");
}

TEST(AttemptHistory, IsUnknownWhereAnEarlierFateIsAndTheLastSettlesNothing) {
  const Verdict sum = SumOf({Answer(500), Answer(503)});
  EXPECT_EQ(sum.kind, Kind::kUnknown);
  EXPECT_EQ(sum.cause, Cause::kUpstreamError);
  EXPECT_EQ(sum.http_status, 500);
  EXPECT_EQ(sum.attempts, 2);
  EXPECT_EQ(sum.detail,
            "2 attempts; what became of one is not known: the host answered "
            "500; the last: the host answered 503");
  for (const ExchangeResult& last :
       {Answer(401), Answer(404), Answer(429), kRefused}) {
    EXPECT_EQ(SumOf({kLost, last}).kind, Kind::kUnknown);
    EXPECT_EQ(SumOf({kLost, last}).cause, Cause::kConnectionLostAfterSending);
    EXPECT_EQ(SumOf({kLost, last}).http_status, 0);
  }
  EXPECT_EQ(SumOf({kLost, Answer(500)}).cause, Cause::kUpstreamError)
      << "of several unknown ones the last";
}

TEST(AttemptHistory, IsSettledByAnAcceptanceAndByARefusal) {
  EXPECT_EQ(SumOf({kLost, Answer(202)}).kind, Kind::kAccepted);
  EXPECT_EQ(SumOf({kLost, Answer(202)}).attempts, 2);
  EXPECT_EQ(SumOf({Answer(500), Answer(400)}).kind, Kind::kRejected);
  EXPECT_EQ(SumOf({Answer(500), Answer(413)}).http_status, 413);
}

TEST(AttemptHistory, TakesThePauseOfTheLastAttempt) {
  AttemptHistory history;
  history.Add(Judge(HttpAnswer{.status = 500, .retry_after = absl::Seconds(9)}),
              true);
  history.Add(Judge(HttpAnswer{.status = 503, .retry_after = absl::Seconds(7)}),
              true);
  EXPECT_EQ(history.Sum().retry_after, absl::Seconds(7));
}

TEST(AttemptHistory, DoesNotCountWhatWasNotTried) {
  AttemptHistory history;
  history.Add(Judge(Answer(503)), true);
  history.Add(
      Judge(TransportFailure{.what = TransportFailure::What::kDeadline}),
      false);
  EXPECT_EQ(history.attempts(), 1);
  EXPECT_EQ(history.Sum().cause, Cause::kUpstreamUnavailable);
}

TEST(AttemptHistory, SaysWhyItEndsThoughItCouldBeTriedAgain) {
  AttemptHistory history;
  const Verdict not_tried = {.cause = Cause::kPaced, .detail = "no turn"};
  Verdict sum =
      history.SumWithoutFurther("no time", absl::Seconds(3), not_tried);
  EXPECT_EQ(sum.cause, Cause::kPaced);
  EXPECT_EQ(sum.detail, "no turn");
  EXPECT_EQ(sum.retry_after, absl::Seconds(3));
  EXPECT_EQ(sum.attempts, 0);

  history.Add(Judge(Answer(503)), true);
  sum = history.SumWithoutFurther("no time", absl::Seconds(3), not_tried);
  EXPECT_EQ(sum.cause, Cause::kUpstreamUnavailable);
  EXPECT_EQ(sum.detail, "the host answered 503; not tried again: no time");
  EXPECT_EQ(sum.retry_after, absl::Seconds(3));
  EXPECT_EQ(sum.attempts, 1);
}

}  // namespace
}  // namespace signal_delivery::client
