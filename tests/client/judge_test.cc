#include "client/judge.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/time.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

struct StatusRow {
  int status;
  Kind kind;
  Cause cause;
};

class JudgeStatus : public testing::TestWithParam<StatusRow> {};

TEST_P(JudgeStatus, GivesItsMeaning) {
  const Verdict verdict =
      Judge(HttpAnswer{.status = GetParam().status,
                       .retry_after = absl::Seconds(7),
                       .error_message = "the host's own word"});
  EXPECT_EQ(KindName(verdict.kind), KindName(GetParam().kind));
  EXPECT_EQ(CauseName(verdict.cause), CauseName(GetParam().cause));
  EXPECT_EQ(verdict.http_status, GetParam().status);
  EXPECT_EQ(verdict.retry_after, absl::Seconds(7));
  EXPECT_EQ(verdict.upstream_message, "the host's own word");
  EXPECT_EQ(verdict.detail,
            "the host answered " + std::to_string(GetParam().status));
}

INSTANTIATE_TEST_SUITE_P(
    All, JudgeStatus,
    testing::Values(
        StatusRow{200, Kind::kUnknown, Cause::kUnexpectedSuccess},
        StatusRow{201, Kind::kUnknown, Cause::kUnexpectedSuccess},
        StatusRow{202, Kind::kAccepted, Cause::kTaken},
        StatusRow{204, Kind::kUnknown, Cause::kUnexpectedSuccess},
        StatusRow{299, Kind::kUnknown, Cause::kUnexpectedSuccess},
        StatusRow{300, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{301, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{307, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{399, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{400, Kind::kRejected, Cause::kRefusedAsMalformed},
        StatusRow{401, Kind::kNotDelivered, Cause::kUnauthorized},
        StatusRow{402, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{403, Kind::kNotDelivered, Cause::kForbidden},
        StatusRow{404, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{408, Kind::kNotDelivered, Cause::kUpstreamUnavailable},
        StatusRow{413, Kind::kRejected, Cause::kRefusedAsTooLarge},
        StatusRow{429, Kind::kNotDelivered, Cause::kRateLimited},
        StatusRow{499, Kind::kNotDelivered, Cause::kUnexpectedStatus},
        StatusRow{500, Kind::kUnknown, Cause::kUpstreamError},
        StatusRow{501, Kind::kUnknown, Cause::kUpstreamError},
        StatusRow{502, Kind::kUnknown, Cause::kUpstreamError},
        StatusRow{503, Kind::kNotDelivered, Cause::kUpstreamUnavailable},
        StatusRow{504, Kind::kUnknown, Cause::kUpstreamError},
        StatusRow{599, Kind::kUnknown, Cause::kUpstreamError}),
    [](const auto& info) { return std::to_string(info.param.status); });

struct FailureRow {
  Stage stage;
  What what;
  Kind kind;
  Cause cause;
};

class JudgeFailure : public testing::TestWithParam<FailureRow> {};

TEST_P(JudgeFailure, TellsNotSentFromNoVerdict) {
  const Verdict verdict = Judge(
      TransportFailure{GetParam().stage, GetParam().what, "in our words"});
  EXPECT_EQ(KindName(verdict.kind), KindName(GetParam().kind));
  EXPECT_EQ(CauseName(verdict.cause), CauseName(GetParam().cause));
  EXPECT_EQ(verdict.http_status, 0);
  EXPECT_EQ(verdict.retry_after, std::nullopt);
  EXPECT_EQ(verdict.detail, "in our words");
}

INSTANTIATE_TEST_SUITE_P(
    All, JudgeFailure,
    testing::Values(
        FailureRow{Stage::kLookup, What::kBroken, Kind::kNotDelivered,
                   Cause::kHostNotFound},
        FailureRow{Stage::kConnect, What::kBroken, Kind::kNotDelivered,
                   Cause::kConnectFailed},
        FailureRow{Stage::kHandshake, What::kBroken, Kind::kNotDelivered,
                   Cause::kTlsFailed},
        FailureRow{Stage::kBeforeSending, What::kBroken, Kind::kNotDelivered,
                   Cause::kConnectionLostBeforeSending},
        FailureRow{Stage::kBeforeSending, What::kDeadline, Kind::kNotDelivered,
                   Cause::kDeadlineBeforeSending},
        FailureRow{Stage::kBeforeSending, What::kShutdown, Kind::kNotDelivered,
                   Cause::kShuttingDown},
        FailureRow{Stage::kAfterSending, What::kBroken, Kind::kUnknown,
                   Cause::kConnectionLostAfterSending},
        FailureRow{Stage::kAfterSending, What::kDeadline, Kind::kUnknown,
                   Cause::kNoAnswerBeforeDeadline},
        FailureRow{Stage::kAfterSending, What::kShutdown, Kind::kUnknown,
                   Cause::kConnectionLostAfterSending},
        FailureRow{Stage::kAfterSending, What::kUnreadable, Kind::kUnknown,
                   Cause::kUnreadableAnswer}));

}  // namespace
}  // namespace signal_delivery::client
