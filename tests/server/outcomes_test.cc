// Every answer of mParticle and every failure on the way to it: what the caller
// is told, that it is told no more than it may know, and that the next call is
// served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/server/delivery_test.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using support::Action;
using support::Identify;
using support::Identity;
using support::LoggedIn;
using support::RunningService;
using support::ScriptedTlsServer;
using support::TestCertificates;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the table.

// What mParticle says is for the log of mParticle, not for our callers.
constexpr char kBody[] =
    R"({"errors":[{"code":"BAD_REQUEST","message":"canary-upstream"}]})";
constexpr char kHeader[] = "X-Request: canary-upstream";

void ExpectNothingConfidential(const DeliverEventsResponse& response) {
  const std::string bytes = response.SerializeAsString();
  for (const std::string& canary :
       {std::string(support::kApiKey), std::string(support::kApiSecret),
        absl::Base64Escape(
            absl::StrCat(support::kApiKey, ":", support::kApiSecret)),
        std::string(support::kEmail), std::string(support::kPhone),
        std::string(support::kIp), std::string("canary")}) {
    EXPECT_THAT(bytes, Not(HasSubstr(canary)));
  }
}

// What every event of a call is told.
struct Expected {
  Outcome outcome;
  Reason reason;
  int http_status;
  // Zero: none.
  absl::Duration retry_after = absl::ZeroDuration();
};
const Expected kAccepted = {OUTCOME_ACCEPTED, REASON_TAKEN, 202};

void ExpectResult(const EventResult& result, const Expected& expected) {
  EXPECT_EQ(result.outcome(), expected.outcome);
  EXPECT_EQ(result.reason(), expected.reason) << Reason_Name(result.reason());
  EXPECT_EQ(result.http_status(), expected.http_status);
  EXPECT_EQ(result.attempts(), 1);
  EXPECT_THAT(result.detail(), Not(IsEmpty()));
  EXPECT_EQ(result.hint().empty(), expected.outcome == OUTCOME_ACCEPTED)
      << result.hint();
  EXPECT_EQ(absl::Seconds(result.retry_after().seconds()) +
                absl::Nanoseconds(result.retry_after().nanos()),
            expected.retry_after);
  EXPECT_EQ(result.has_retry_after(),
            expected.outcome == OUTCOME_NOT_DELIVERED ||
                expected.outcome == OUTCOME_UNKNOWN);
  EXPECT_THAT(result.source_request_id(), SizeIs(32));
}

void ExpectResults(const support::DeliverReply& reply,
                   const Expected& expected) {
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
  ASSERT_THAT(reply.response.results(), SizeIs(2));
  EXPECT_EQ(reply.response.results(0).message_id(), "m-identify");
  EXPECT_EQ(reply.response.results(1).message_id(), "m-login");
  for (const EventResult& result : reply.response.results()) {
    ExpectResult(result, expected);
  }
  ExpectNothingConfidential(reply.response);
}

class OutcomesTest : public DeliveryTest {
 protected:
  static support::DeliverReply DeliverTo(
      RunningService& service, const std::string& integration,
      absl::Duration timeout = support::kNoHurry) {
    // Each call is about something new: a repeat would not be posted.
    static int calls = 0;
    support::Events events = {Identify("m-identify", "u-1"),
                              LoggedIn("m-login", "u-1")};
    ++calls;
    for (auto& event : events) event.mutable_timestamp()->set_nanos(calls);
    return service.Deliver(events, integration, timeout);
  }

  support::DeliverReply Deliver(absl::Duration timeout = support::kNoHurry) {
    return DeliverTo(service_, "acme", timeout);
  }

  void ExpectServed() { ExpectResults(Deliver(), kAccepted); }

  // What a call to `host` is told; another integration's is served thereafter.
  void ExpectFrom(const std::string& host, const Expected& expected) {
    RunningService service(
        {{"acme", IntegrationTo(host)},
         {"other", IntegrationTo(mparticle_.name_and_port())}});
    ExpectResults(DeliverTo(service, "acme"), expected);
    ExpectResults(DeliverTo(service, "other"), kAccepted);
  }
};

// ---- Answers, and ends of the connection after the request ------------------

struct AnswerRow {
  const char* name;
  Action action;
  Expected expected;
};

class Answer : public OutcomesTest,
               public testing::WithParamInterface<AnswerRow> {};

TEST_P(Answer, HasItsOutcomeAndTheNextCallIsServed) {
  mparticle_.OnNextRequest(GetParam().action);
  ExpectResults(Deliver(), GetParam().expected);
  ExpectServed();
  // Each call posted once: nothing is repeated behind the caller's back.
  EXPECT_THAT(mparticle_.requests(), SizeIs(2));
}

constexpr absl::Duration kSoon = absl::Seconds(1);
constexpr absl::Duration kAfterRepair = absl::Seconds(60);
constexpr uint64_t kGigabyte = 1'000'000'000;

std::vector<AnswerRow> Answers() {
  const Expected malformed = {OUTCOME_REJECTED, REASON_REFUSED_AS_MALFORMED,
                              400};
  const Expected lost = {OUTCOME_UNKNOWN, REASON_CONNECTION_LOST_AFTER_SENDING,
                         0, kSoon};
  return {
      {"Accepted", Action::Answer(202), kAccepted},
      {"AcceptedWithABody", Action::Answer(202, kBody, {kHeader}), kAccepted},
      {"Malformed", Action::Answer(400), malformed},
      {"MalformedWithABody", Action::Answer(400, kBody, {kHeader}), malformed},
      {"Unauthorized",
       Action::Answer(401, kBody, {kHeader}),
       {OUTCOME_NOT_DELIVERED, REASON_UNAUTHORIZED, 401, kAfterRepair}},
      {"Forbidden",
       Action::Answer(403, kBody),
       {OUTCOME_NOT_DELIVERED, REASON_FORBIDDEN, 403, kAfterRepair}},
      {"TooLarge",
       Action::Answer(413, kBody),
       {OUTCOME_REJECTED, REASON_REFUSED_AS_TOO_LARGE, 413}},
      {"RateLimitedForAWhile",
       Action::Answer(429, kBody, {"Retry-After: 7"}),
       {OUTCOME_NOT_DELIVERED, REASON_RATE_LIMITED, 429, absl::Seconds(7)}},
      {"RateLimited",
       Action::Answer(429),
       {OUTCOME_NOT_DELIVERED, REASON_RATE_LIMITED, 429, kSoon}},
      {"ServerError",
       Action::Answer(500, kBody, {kHeader}),
       {OUTCOME_UNKNOWN, REASON_UPSTREAM_ERROR, 500, kSoon}},
      {"Unavailable",
       Action::Answer(503, kBody),
       {OUTCOME_NOT_DELIVERED, REASON_UPSTREAM_UNAVAILABLE, 503, kSoon}},
      {"Redirect",
       Action::Answer(302, "", {"Location: https://canary.example/"}),
       {OUTCOME_NOT_DELIVERED, REASON_UNEXPECTED_STATUS, 302, kSoon}},
      {"NotFound",
       Action::Answer(404, kBody),
       {OUTCOME_NOT_DELIVERED, REASON_UNEXPECTED_STATUS, 404, kSoon}},
      {"OkButNotAccepted",
       Action::Answer(200, kBody),
       {OUTCOME_UNKNOWN, REASON_UNEXPECTED_SUCCESS, 200, kSoon}},
      {"NotHttp",
       Action::Send("canary-upstream\r\n\r\n"),
       {OUTCOME_UNKNOWN, REASON_UNREADABLE_ANSWER, 0, kSoon}},
      {"ResetInTheMiddleOfTheRequest", Action::Reset().ReadingOnly(30), lost},
      {"ResetAfterTheRequest", Action::Reset(), lost},
      {"HeadCut", Action::Send("HTTP/1.1 202 Acc").ThenClose(), lost},
      {"BodyCutAfterTheVerdict",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 99\r\n\r\n{")
           .ThenClose(),
       kAccepted},
      {"BodyOfAGigabyteAfterTheVerdict",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 1000000000\r\n\r\n")
           .WithFiller(kGigabyte),
       kAccepted},
      {"HeadOfAGigabyte",
       Action::Send("HTTP/1.1 202 A\r\nX: ").WithFiller(kGigabyte),
       {OUTCOME_UNKNOWN, REASON_UNREADABLE_ANSWER, 0, kSoon}},
  };
}

INSTANTIATE_TEST_SUITE_P(All, Answer, testing::ValuesIn(Answers()),
                         [](const auto& info) { return info.param.name; });

// ---- Before the request
// ------------------------------------------------------

struct CertificateRow {
  const char* name;
  const Identity& (TestCertificates::*identity)() const;
};

class BadCertificate : public OutcomesTest,
                       public testing::WithParamInterface<CertificateRow> {};

TEST_P(BadCertificate, IsShownNoByteOfTheRequest) {
  mparticle_.SetIdentity((TestCertificates::Get().*GetParam().identity)());
  ExpectResults(Deliver(),
                {OUTCOME_NOT_DELIVERED, REASON_TLS_FAILED, 0, kSoon});
  mparticle_.WaitForEndedConnections(1);
  EXPECT_EQ(mparticle_.received_bytes(), 0u);

  mparticle_.SetIdentity(TestCertificates::Get().good());
  ExpectServed();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCertificate,
    testing::Values(
        CertificateRow{"Expired", &TestCertificates::expired},
        CertificateRow{"WrongHost", &TestCertificates::wrong_host},
        CertificateRow{"SelfSigned", &TestCertificates::self_signed},
        CertificateRow{"OtherAuthority", &TestCertificates::other_authority}),
    [](const auto& info) { return info.param.name; });

TEST_F(OutcomesTest, ResetBeforeTheRequestIsNotDelivered) {
  mparticle_.BeforeNextHandshake(Action::Reset());
  const support::DeliverReply reply = Deliver();
  ASSERT_THAT(reply.response.results(), SizeIs(2));
  // A reset so early may come before the connection is seen to stand.
  const Reason reason = reply.response.results(0).reason();
  EXPECT_THAT(reason, AnyOf(REASON_CONNECT_FAILED, REASON_TLS_FAILED));
  ExpectResults(reply, {OUTCOME_NOT_DELIVERED, reason, 0, kSoon});
  EXPECT_EQ(mparticle_.received_bytes(), 0u);
  ExpectServed();
}

TEST_F(OutcomesTest, RefusedConnectionIsNotDelivered) {
  // The port was free a moment ago and is closed again.
  const std::string closed = ScriptedTlsServer().name_and_port();
  ExpectFrom(closed, {OUTCOME_NOT_DELIVERED, REASON_CONNECT_FAILED, 0, kSoon});
}

TEST_F(OutcomesTest, HostWithoutAddressIsNotDelivered) {
  // RFC 6761: "invalid" never resolves.
  ExpectFrom("events.invalid",
             {OUTCOME_NOT_DELIVERED, REASON_HOST_NOT_FOUND, 0, kSoon});
}

// ---- The call's deadline
// -------------------------------------------------------

constexpr absl::Duration kShort = absl::Milliseconds(800);

TEST_F(OutcomesTest, StallIsAnsweredAsUnknownBeforeTheCallsDeadline) {
  ExpectServed();  // The connection stands; what follows only waits.
  mparticle_.OnNextRequest(Action::Stall());
  ExpectResults(Deliver(kShort),
                {OUTCOME_UNKNOWN, REASON_NO_ANSWER_BEFORE_DEADLINE, 0, kSoon});
  ExpectServed();
}

TEST_F(OutcomesTest, StallBeforeTheRequestIsNotDelivered) {
  mparticle_.BeforeNextHandshake(Action::Stall());
  ExpectResults(Deliver(kShort), {OUTCOME_NOT_DELIVERED,
                                  REASON_DEADLINE_BEFORE_SENDING, 0, kSoon});
  ExpectServed();
}

}  // namespace
}  // namespace signal_delivery::server
