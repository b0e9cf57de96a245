// Every answer of mParticle and every failure on the way to it: what the caller
// is told, that it is told no more than it may know, and that the next call is
// served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
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

// Of what mParticle says, a refused event gets the error message; nobody gets
// the rest.
constexpr char kBody[] =
    R"({"errors":[{"code":"canary","message":"a name is missing"}],"x":"canary"})";
constexpr char kLater[] = "Retry-After: 3600";
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
  int attempts = 1;
};
const Expected kAccepted = {OUTCOME_ACCEPTED, REASON_TAKEN, 202};

absl::Duration RetryAfterOf(const EventResult& result) {
  return absl::Seconds(result.retry_after().seconds()) +
         absl::Nanoseconds(result.retry_after().nanos());
}

void ExpectResult(const EventResult& result, const Expected& expected) {
  EXPECT_EQ(result.outcome(), expected.outcome);
  EXPECT_EQ(result.reason(), expected.reason) << Reason_Name(result.reason());
  EXPECT_EQ(result.http_status(), expected.http_status);
  EXPECT_EQ(result.attempts(), expected.attempts);
  EXPECT_THAT(result.detail(), Not(IsEmpty()));
  EXPECT_EQ(result.hint().empty(), expected.outcome == OUTCOME_ACCEPTED)
      << result.hint();
  EXPECT_EQ(RetryAfterOf(result), expected.retry_after);
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

  // What a call to `host`, which is never well, is told; another integration's
  // is served thereafter.
  void ExpectFrom(const std::string& host, Reason reason) {
    RunningService service(
        {{"acme", IntegrationTo(host)},
         {"other", IntegrationTo(mparticle_.name_and_port())}});
    // Five attempts take 1.5 s at most, then there is a probe after one second,
    // and a second one where chance has it that there is time.
    const support::DeliverReply reply =
        DeliverTo(service, "acme", absl::Milliseconds(2950));
    ASSERT_THAT(reply.response.results(), SizeIs(2));
    for (const EventResult& result : reply.response.results()) {
      EXPECT_EQ(result.outcome(), OUTCOME_NOT_DELIVERED);
      EXPECT_EQ(result.reason(), reason) << Reason_Name(result.reason());
      EXPECT_THAT(result.attempts(), AnyOf(6, 7));
      EXPECT_THAT(result.detail(),
                  HasSubstr(absl::StrCat(result.attempts(), " attempts")));
      EXPECT_THAT(result.hint(), Not(IsEmpty()));
      // To the next probe: a second or more, but for the time that passed
      // since.
      EXPECT_GT(RetryAfterOf(result), absl::ZeroDuration());
    }
    ExpectNothingConfidential(reply.response);
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

// What may pass is tried again, with the same bytes.
class PassingAnswer : public OutcomesTest,
                      public testing::WithParamInterface<AnswerRow> {};

TEST_P(PassingAnswer, IsTriedAgainAndTaken) {
  mparticle_.OnNextRequest(GetParam().action);
  Expected expected = kAccepted;
  expected.attempts = 2;
  ExpectResults(Deliver(), expected);
  ASSERT_THAT(mparticle_.requests(), SizeIs(2));
  EXPECT_EQ(mparticle_.requests()[1].body.find(mparticle_.requests()[0].body),
            0u)
      << "the same bytes, or more where the first were cut";
}

TEST_P(PassingAnswer, HasItsOutcomeWhereThereIsNoTimeForMore) {
  mparticle_.OnNextRequest(GetParam().action);
  mparticle_.OnNextRequest(Action::Answer(503, kBody, {kLater}));
  ExpectResults(Deliver(), GetParam().expected);
  ExpectServed();
}

constexpr absl::Duration kSoon = absl::Seconds(1);
constexpr absl::Duration kAfterRepair = absl::Seconds(60);
constexpr absl::Duration kMuchLater = absl::Seconds(3600);
constexpr uint64_t kGigabyte = 1'000'000'000;

std::vector<AnswerRow> Answers() {
  const Expected malformed = {OUTCOME_REJECTED, REASON_REFUSED_AS_MALFORMED,
                              400};
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
      {"RateLimited",
       Action::Answer(429, kBody, {kLater}),
       {OUTCOME_NOT_DELIVERED, REASON_RATE_LIMITED, 429, kMuchLater}},
      {"ServerError",
       Action::Answer(500, kBody, {kLater}),
       {OUTCOME_UNKNOWN, REASON_UPSTREAM_ERROR, 500, kMuchLater}},
      {"NotImplemented",
       Action::Answer(501, kBody, {kHeader}),
       {OUTCOME_UNKNOWN, REASON_UPSTREAM_ERROR, 501, kSoon}},
      {"Unavailable",
       Action::Answer(503, kBody, {kLater}),
       {OUTCOME_NOT_DELIVERED, REASON_UPSTREAM_UNAVAILABLE, 503, kMuchLater}},
      {"Redirect",
       Action::Answer(302, "", {"Location: https://canary.example/"}),
       {OUTCOME_NOT_DELIVERED, REASON_UNEXPECTED_STATUS, 302, kSoon}},
      {"NotFound",
       Action::Answer(404, kBody),
       {OUTCOME_NOT_DELIVERED, REASON_UNEXPECTED_STATUS, 404, kSoon}},
      {"OkButNotAccepted",
       Action::Answer(200, kBody),
       {OUTCOME_UNKNOWN, REASON_UNEXPECTED_SUCCESS, 200, kSoon}},
      {"BodyCutAfterTheVerdict",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 99\r\n\r\n{")
           .ThenClose(),
       kAccepted},
      {"BodyOfAGigabyteAfterTheVerdict",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 1000000000\r\n\r\n")
           .WithFiller(kGigabyte),
       kAccepted},
  };
}

// With the outcome where a 503 follows.
std::vector<AnswerRow> PassingAnswers() {
  const Expected lost = {OUTCOME_UNKNOWN, REASON_CONNECTION_LOST_AFTER_SENDING,
                         0, kMuchLater, 2};
  const Expected unreadable = {OUTCOME_UNKNOWN, REASON_UNREADABLE_ANSWER, 0,
                               kMuchLater, 2};
  return {
      {"RateLimited",
       Action::Answer(429),
       {OUTCOME_NOT_DELIVERED, REASON_UPSTREAM_UNAVAILABLE, 503, kMuchLater,
        2}},
      {"ServerError",
       Action::Answer(502, kBody, {kHeader}),
       {OUTCOME_UNKNOWN, REASON_UPSTREAM_ERROR, 502, kMuchLater, 2}},
      {"NotHttp", Action::Send("canary-upstream\r\n\r\n"), unreadable},
      {"ResetInTheMiddleOfTheRequest", Action::Reset().ReadingOnly(30), lost},
      {"ResetAfterTheRequest", Action::Reset(), lost},
      {"HeadCut", Action::Send("HTTP/1.1 202 Acc").ThenClose(), lost},
      {"HeadOfAGigabyte",
       Action::Send("HTTP/1.1 202 A\r\nX: ").WithFiller(kGigabyte), unreadable},
  };
}

INSTANTIATE_TEST_SUITE_P(All, PassingAnswer,
                         testing::ValuesIn(PassingAnswers()),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(All, Answer, testing::ValuesIn(Answers()),
                         [](const auto& info) { return info.param.name; });

// ---- Before the request ----------------------------------------------------

struct CertificateRow {
  const char* name;
  const Identity& (TestCertificates::*identity)() const;
};

class BadCertificate : public OutcomesTest,
                       public testing::WithParamInterface<CertificateRow> {};

TEST_P(BadCertificate, IsShownNoByteOfTheRequest) {
  mparticle_.SetIdentity((TestCertificates::Get().*GetParam().identity)());
  auto reply = std::async(std::launch::async, [this] { return Deliver(); });
  mparticle_.WaitForEndedConnections(2);
  EXPECT_EQ(mparticle_.received_bytes(), 0u);

  mparticle_.SetIdentity(TestCertificates::Get().good());
  const support::DeliverReply taken = reply.get();
  ASSERT_THAT(taken.response.results(), SizeIs(2));
  Expected expected = kAccepted;
  expected.attempts = taken.response.results(0).attempts();
  EXPECT_GE(expected.attempts, 3);
  ExpectResults(taken, expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCertificate,
    testing::Values(
        CertificateRow{"Expired", &TestCertificates::expired},
        CertificateRow{"WrongHost", &TestCertificates::wrong_host},
        CertificateRow{"SelfSigned", &TestCertificates::self_signed},
        CertificateRow{"OtherAuthority", &TestCertificates::other_authority}),
    [](const auto& info) { return info.param.name; });

TEST_F(OutcomesTest, ResetBeforeTheRequestIsFollowedByAnotherAttempt) {
  mparticle_.BeforeNextHandshake(Action::Reset());
  Expected expected = kAccepted;
  expected.attempts = 2;
  ExpectResults(Deliver(), expected);
}

TEST_F(OutcomesTest, RefusedConnectionIsNotDelivered) {
  // The port was free a moment ago and is closed again.
  const std::string closed = ScriptedTlsServer().name_and_port();
  ExpectFrom(closed, REASON_CONNECT_FAILED);
}

TEST_F(OutcomesTest, HostWithoutAddressIsNotDelivered) {
  // RFC 6761: "invalid" never resolves.
  ExpectFrom("events.invalid", REASON_HOST_NOT_FOUND);
}

// ---- The call's deadline ---------------------------------------------------

constexpr absl::Duration kShort = absl::Milliseconds(800);

TEST_F(OutcomesTest, RefusalSaysWhatMparticleSaid) {
  mparticle_.OnNextRequest(Action::Answer(400, kBody));
  const support::DeliverReply reply = Deliver();
  EXPECT_EQ(reply.response.results(1).detail(),
            "mParticle answered 400: a name is missing");
  mparticle_.OnNextRequest(Action::Answer(503, kBody, {kLater}));
  EXPECT_THAT(Deliver().response.results(1).detail(),
              Not(HasSubstr("a name is missing")));
}

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
