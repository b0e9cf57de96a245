// What the host answers, and what the client makes of it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::client {
namespace {

using support::Action;
using support::ScriptedTlsServer;
using Kind = Verdict::Kind;
using Cause = Verdict::Cause;

TEST(Request, IsWrittenAsTheApiWantsIt) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()), R"({"a": 1})");
  EXPECT_EQ(verdict.kind, Kind::kAccepted) << testing::PrintToString(verdict);
  const auto requests = server.WaitForRequests(1);
  EXPECT_EQ(requests[0].head,
            absl::StrCat("POST /v2/events HTTP/1.1\r\n"
                         "Host: localhost:",
                         server.port(),
                         "\r\n"
                         "User-Agent: signal-delivery/1\r\n"
                         "Authorization: ",
                         BasicAuthorization(kUser, kPassword).Reveal(),
                         "\r\n"
                         "Content-Type: application/json\r\n"
                         "Content-Length: 8\r\n"
                         "\r\n"));
  EXPECT_EQ(requests[0].body, R"({"a": 1})");
  EXPECT_EQ(requests[0].server_name, "localhost");
}

TEST(Request, ToAnAddressNamesNoServerInTheHandshake) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  EXPECT_EQ(Deliver(*client, DestinationAt(server.address_and_port())).cause,
            Cause::kTaken);
  EXPECT_EQ(server.WaitForRequests(1)[0].server_name, "");
}

TEST(Request, OfAnySizeArrivesWhole) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  size_t count = 0;
  // Around the sizes of Asio's gathering, of a TLS record and of a batch.
  for (size_t size : {0, 1, 7900, 8192, 16384, 16385, 70000, 128000, 2000000}) {
    std::string body(size, ' ');
    for (size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 26);
    EXPECT_EQ(Deliver(*client, destination, body).cause, Cause::kTaken);
    const auto requests = server.WaitForRequests(++count);
    EXPECT_EQ(requests.back().body, body) << size;
  }
  EXPECT_EQ(server.connections(), 1);
}

struct AnswerRow {
  const char* name;
  Action action;
  Kind kind;
  Cause cause;
  int status;
  bool reusable;
};

class Answer : public testing::TestWithParam<AnswerRow> {};

TEST_P(Answer, HasItsVerdictAndTheNextDeliveryIsServed) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  server.OnNextRequest(GetParam().action);

  const Verdict verdict = Deliver(*client, destination);
  EXPECT_EQ(verdict.kind, GetParam().kind);
  EXPECT_EQ(verdict.cause, GetParam().cause);
  EXPECT_EQ(verdict.http_status, GetParam().status);
  EXPECT_EQ(verdict.attempts, 1);
  EXPECT_EQ(verdict.detail.find("secret"), std::string::npos);

  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(server.connections(), GetParam().reusable ? 1 : 2);
}

constexpr char kChunked[] =
    "HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr char kBadRequest[] =
    R"({"errors":[{"code":"BAD_REQUEST","message":"a secret"}]})";
constexpr uint64_t kGigabyte = 1'000'000'000;

std::vector<AnswerRow> Answers() {
  const Kind accepted = Kind::kAccepted;
  const Kind rejected = Kind::kRejected;
  const Kind not_delivered = Kind::kNotDelivered;
  const Kind unknown = Kind::kUnknown;
  return {
      {"Accepted", Action::Answer(202), accepted, Cause::kTaken, 202, true},
      {"AcceptedWithBody", Action::Answer(202, "{}"), accepted, Cause::kTaken,
       202, true},
      {"AcceptedInDrips", Action::Answer(202, "{}").Dripping(), accepted,
       Cause::kTaken, 202, true},
      {"AcceptedInChunks",
       Action::Send(absl::StrCat(kChunked, "2\r\n{}\r\n0\r\n\r\n")), accepted,
       Cause::kTaken, 202, true},
      {"AcceptedAfterContinue",
       Action::Send("HTTP/1.1 100 Continue\r\n\r\n"
                    "HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n"),
       accepted, Cause::kTaken, 202, true},
      {"AcceptedAndClosed",
       Action::Answer(202, "", {"Connection: close"}).ThenClose(), accepted,
       Cause::kTaken, 202, false},
      {"AcceptedByHttp10",
       Action::Send("HTTP/1.0 202 A\r\nContent-Length: 0\r\n\r\n"), accepted,
       Cause::kTaken, 202, false},
      {"AcceptedAndAnsweredTwice",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n"
                    "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"),
       accepted, Cause::kTaken, 202, false},
      {"AcceptedAndAnsweredTwiceInTwoRecords",
       Action::Answer(202).FollowedBy(
           "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"),
       accepted, Cause::kTaken, 202, false},
      {"AcceptedAndBodyCut",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 10\r\n\r\n{")
           .ThenClose(),
       accepted, Cause::kTaken, 202, false},
      {"AcceptedAndBodyReset",
       Action::Send(absl::StrCat(kChunked, "2\r\n{")).ThenReset(), accepted,
       Cause::kTaken, 202, false},
      {"AcceptedAndChunksBroken",
       Action::Send(absl::StrCat(kChunked, "not a size\r\n")), accepted,
       Cause::kTaken, 202, false},
      {"AcceptedWithAGigabyte",
       Action::Send("HTTP/1.1 202 A\r\nContent-Length: 1000000000\r\n\r\n")
           .WithFiller(kGigabyte),
       accepted, Cause::kTaken, 202, false},
      {"AcceptedWithAGigabyteInOneChunk",
       Action::Send(absl::StrCat(kChunked, "3B9ACA00\r\n"))
           .WithFiller(kGigabyte),
       accepted, Cause::kTaken, 202, false},
      {"AcceptedWithAGigabyteUntilClose",
       Action::Send("HTTP/1.1 202 A\r\n\r\n").WithFiller(kGigabyte), accepted,
       Cause::kTaken, 202, false},
      {"Malformed", Action::Answer(400), rejected, Cause::kRefusedAsMalformed,
       400, true},
      {"MalformedWithBody", Action::Answer(400, kBadRequest), rejected,
       Cause::kRefusedAsMalformed, 400, true},
      {"TooLarge", Action::Answer(413), rejected, Cause::kRefusedAsTooLarge,
       413, true},
      {"Unauthorized", Action::Answer(401, "", {"WWW-Authenticate: Basic"}),
       not_delivered, Cause::kUnauthorized, 401, true},
      {"Forbidden", Action::Answer(403), not_delivered, Cause::kForbidden, 403,
       true},
      {"Redirect", Action::Answer(307, "", {"Location: https://localhost/"}),
       not_delivered, Cause::kUnexpectedStatus, 307, true},
      {"NotFound", Action::Answer(404, "<html>"), not_delivered,
       Cause::kUnexpectedStatus, 404, true},
      {"OkButNotAccepted", Action::Answer(200, "welcome"), unknown,
       Cause::kUnexpectedSuccess, 200, true},
      {"NoContent", Action::Send("HTTP/1.1 204 No\r\n\r\n"), unknown,
       Cause::kUnexpectedSuccess, 204, true},
  };
}

INSTANTIATE_TEST_SUITE_P(All, Answer, testing::ValuesIn(Answers()),
                         [](const auto& info) { return info.param.name; });

// ---- Answers, and ends of the connection, that another attempt may better --

class PassingAnswer : public testing::TestWithParam<AnswerRow> {};

TEST_P(PassingAnswer, IsFollowedByAnotherAttemptThatIsTaken) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  server.OnNextRequest(GetParam().action);
  const Verdict verdict = Deliver(*client, destination, R"({"a": 1})");
  EXPECT_EQ(verdict.cause, Cause::kTaken) << testing::PrintToString(verdict);
  EXPECT_EQ(verdict.attempts, 2);
  ASSERT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(server.requests()[1].body, R"({"a": 1})");
  EXPECT_EQ(server.connections(), GetParam().reusable ? 1 : 2);
}

TEST_P(PassingAnswer, IsNotForgottenWhereTheNextAttemptSettlesNothing) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.OnNextRequest(GetParam().action);
  server.OnNextRequest(Action::Answer(429, "", {"Retry-After: 7200"}));
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()));
  const bool is_unknown = GetParam().kind == Kind::kUnknown;
  EXPECT_EQ(verdict.kind, GetParam().kind);
  EXPECT_EQ(verdict.cause, is_unknown ? GetParam().cause : Cause::kRateLimited);
  EXPECT_EQ(verdict.http_status, is_unknown ? GetParam().status : 429);
  EXPECT_EQ(verdict.attempts, 2);
  EXPECT_EQ(verdict.retry_after, absl::Hours(2));
  EXPECT_EQ(server.requests().size(), 2u);
}

std::vector<AnswerRow> PassingAnswers() {
  const Kind not_delivered = Kind::kNotDelivered;
  const Kind unknown = Kind::kUnknown;
  return {
      {"ServerError", Action::Answer(500), unknown, Cause::kUpstreamError, 500,
       true},
      {"BadGateway", Action::Answer(502), unknown, Cause::kUpstreamError, 502,
       true},
      {"Unavailable", Action::Answer(503), not_delivered,
       Cause::kUpstreamUnavailable, 503, true},
      {"TimedOut", Action::Answer(408), not_delivered,
       Cause::kUpstreamUnavailable, 408, true},
      {"RateLimited", Action::Answer(429), not_delivered, Cause::kRateLimited,
       429, true},
      {"ClosedWithoutAnswer", Action::Close(), unknown,
       Cause::kConnectionLostAfterSending, 0, false},
      {"ResetWithoutAnswer", Action::Reset(), unknown,
       Cause::kConnectionLostAfterSending, 0, false},
      {"ResetInTheMiddleOfTheRequest", Action::Reset().ReadingOnly(30), unknown,
       Cause::kConnectionLostAfterSending, 0, false},
      {"HeadCut", Action::Send("HTTP/1.1 202 Acc").ThenClose(), unknown,
       Cause::kConnectionLostAfterSending, 0, false},
      {"HeadResetBeforeItsEnd",
       Action::Send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n")
           .ThenReset(),
       unknown, Cause::kConnectionLostAfterSending, 0, false},
      {"NotHttp", Action::Send("SSH-2.0-OpenSSH_9.2\r\n"), unknown,
       Cause::kUnreadableAnswer, 0, false},
      {"HeadOfAGigabyte",
       Action::Send("HTTP/1.1 202 A\r\nX: ").WithFiller(kGigabyte), unknown,
       Cause::kUnreadableAnswer, 0, false},
  };
}

INSTANTIATE_TEST_SUITE_P(All, PassingAnswer,
                         testing::ValuesIn(PassingAnswers()),
                         [](const auto& info) { return info.param.name; });

TEST(Answers, ThatAskForMoreTimeThanThereIsEndTheDeliveryAtOnce) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.OnNextRequest(Action::Answer(429, "", {"Retry-After: 601"}));
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()));
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kRateLimited);
  EXPECT_EQ(verdict.retry_after, absl::Seconds(601));
  EXPECT_EQ(verdict.attempts, 1);
}

TEST(Answers, MayAskForTimeByADate) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.OnNextRequest(
      Action::Answer(503, "",
                     {"Date: Sun, 06 Nov 1994 08:49:37 GMT",
                      "Retry-After: Sun, 06 Nov 1994 09:49:37 GMT"}));
  EXPECT_EQ(Deliver(*client, DestinationAt(server.name_and_port())).retry_after,
            absl::Hours(1));
}

TEST(Answers, SayWhatIsWrongWithARefusedBody) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.OnNextRequest(Action::Answer(400, kBadRequest));
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()));
  EXPECT_EQ(verdict.upstream_message, "a secret");
  EXPECT_EQ(verdict.detail, "the host answered 400");
}

// A host that answers early and stops reading, as many do with a 413.
TEST(Answers, GivenBeforeTheWholeRequestWasReadCount) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  server.OnNextRequest(Action::Answer(413).ReadingOnly(100).ThenStall());
  const std::string more_than_the_sockets_take(64'000'000, 'x');
  EXPECT_EQ(Deliver(*client, destination, more_than_the_sockets_take).cause,
            Cause::kRefusedAsTooLarge);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Answers, WhoseBodyStallsCountAtTheDeadline) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  server.OnNextRequest(
      Action::Send("HTTP/1.1 202 A\r\nContent-Length: 10\r\n\r\n{")
          .ThenStall());
  const Verdict verdict = Deliver(*client, destination, "{}", kShort);
  EXPECT_EQ(verdict.cause, Cause::kTaken) << testing::PrintToString(verdict);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
}

}  // namespace
}  // namespace signal_delivery::client
