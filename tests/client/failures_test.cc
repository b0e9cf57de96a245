// What goes wrong before there is an answer, and that the client knows whether
// anything was sent by then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::client {
namespace {

using support::Action;
using support::Identity;
using support::ScriptedTlsServer;
using support::TestCertificates;
using testing::HasSubstr;
using Kind = Verdict::Kind;
using Cause = Verdict::Cause;

struct CertificateRow {
  const char* name;
  const Identity& (TestCertificates::*identity)() const;
  const char* detail;
};

class BadCertificate : public testing::TestWithParam<CertificateRow> {};

TEST_P(BadCertificate, IsNotShownOneByteOfARequest) {
  ScriptedTlsServer server((TestCertificates::Get().*GetParam().identity)());
  const auto client = MakeClient();
  for (const std::string& host :
       {server.name_and_port(), server.address_and_port()}) {
    const Verdict verdict = Deliver(*client, DestinationAt(host));
    EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
    EXPECT_EQ(verdict.cause, Cause::kTlsFailed);
    EXPECT_EQ(verdict.attempts, 1);
    EXPECT_THAT(verdict.detail, HasSubstr(GetParam().detail));
    EXPECT_THAT(verdict.detail, HasSubstr(host));
  }
  server.WaitForEndedConnections(2);
  EXPECT_EQ(server.received_bytes(), 0u);

  server.SetIdentity(TestCertificates::Get().good());
  EXPECT_EQ(Deliver(*client, DestinationAt(server.name_and_port())).cause,
            Cause::kTaken);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCertificate,
    testing::Values(
        CertificateRow{"Expired", &TestCertificates::expired, "expired"},
        CertificateRow{"WrongHost", &TestCertificates::wrong_host, "mismatch"},
        CertificateRow{"SelfSigned", &TestCertificates::self_signed,
                       "self-signed"},
        CertificateRow{"OtherAuthority", &TestCertificates::other_authority,
                       "unable to get local issuer"}),
    [](const auto& info) { return info.param.name; });

struct OpeningRow {
  const char* name;
  bool before_handshake;
  Action action;
  Kind kind;
  std::vector<Cause> causes;
  absl::Duration timeout;
};

class Opening : public testing::TestWithParam<OpeningRow> {};

TEST_P(Opening, FailsWithItsCauseAndTheNextDeliveryIsServed) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  if (GetParam().before_handshake) {
    server.BeforeNextHandshake(GetParam().action);
  } else {
    server.AfterNextHandshake(GetParam().action);
  }
  // Larger than the sockets' buffers, so that it cannot be written to a server
  // that does not read.
  const Verdict verdict = Deliver(
      *client, destination, std::string(64'000'000, 'x'), GetParam().timeout);
  EXPECT_EQ(verdict.kind, GetParam().kind);
  EXPECT_THAT(GetParam().causes, testing::Contains(verdict.cause))
      << testing::PrintToString(verdict);
  EXPECT_EQ(verdict.http_status, 0);
  EXPECT_EQ(verdict.attempts, 1);

  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.requests().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, Opening,
    testing::Values(
        OpeningRow{"ClosedBeforeHandshake",
                   true,
                   Action::Close(),
                   Kind::kNotDelivered,
                   {Cause::kTlsFailed},
                   kLong},
        OpeningRow{"ResetBeforeHandshake",
                   true,
                   Action::Reset(),
                   Kind::kNotDelivered,
                   {Cause::kTlsFailed, Cause::kConnectFailed},
                   kLong},
        OpeningRow{"PlainHttpInsteadOfTls",
                   true,
                   Action::Send("HTTP/1.1 400 Bad Request\r\n\r\n").ThenClose(),
                   Kind::kNotDelivered,
                   {Cause::kTlsFailed},
                   kLong},
        OpeningRow{"StalledBeforeHandshake",
                   true,
                   Action::Stall(),
                   Kind::kNotDelivered,
                   {Cause::kDeadlineBeforeSending},
                   kShort},
        OpeningRow{"StalledBeforeReading",
                   false,
                   Action::Stall(),
                   Kind::kUnknown,
                   {Cause::kNoAnswerBeforeDeadline},
                   kShort}),
    [](const auto& info) { return info.param.name; });

// With TLS 1.3 the client's handshake is over before the server's: the request
// may be on its way before the reset arrives. Either is true; what must not be
// is a verdict that says more than was seen, or a second request.
TEST(ResetRightAfterTheHandshake, IsToldHonestly) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  server.AfterNextHandshake(Action::Reset());
  const Verdict verdict = Deliver(*client, destination);
  if (verdict.cause != Cause::kConnectionLostBeforeSending) {
    EXPECT_EQ(verdict.kind, Kind::kUnknown);
    EXPECT_EQ(verdict.cause, Cause::kConnectionLostAfterSending);
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
}

TEST(RefusedConnection, IsNotDelivered) {
  const auto client = MakeClient();
  const Verdict verdict =
      Deliver(*client, DestinationAt(absl::StrCat("127.0.0.1:", UnusedPort())));
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kConnectFailed);
  EXPECT_EQ(verdict.attempts, 1);
  EXPECT_THAT(verdict.detail, HasSubstr("Connection refused"));
}

TEST(StallAfterTheRequest, IsUnknownAtTheDeadline) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  server.OnNextRequest(Action::Stall());
  const Verdict verdict = Deliver(*client, destination, "{}", kShort);
  EXPECT_EQ(verdict.kind, Kind::kUnknown);
  EXPECT_EQ(verdict.cause, Cause::kNoAnswerBeforeDeadline);
  // Late news on that connection must reach nobody.
  server.WaitForEndedConnections(1);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(DeadlineInThePast, SendsNothing) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  for (absl::Duration timeout :
       {absl::ZeroDuration(), -absl::Seconds(1), -absl::InfiniteDuration()}) {
    const Verdict verdict = Deliver(*client, destination, "{}", timeout);
    EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
    EXPECT_EQ(verdict.cause, Cause::kDeadlineBeforeSending);
    EXPECT_EQ(verdict.attempts, 0);
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(DeadlineInTheInfiniteFuture, IsServed) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  EXPECT_EQ(Deliver(*client, DestinationAt(server.name_and_port()), "{}",
                    absl::InfiniteDuration())
                .cause,
            Cause::kTaken);
}

TEST(Opening, ThatHangsIsGivenUpAfterItsTimeout) {
  ScriptedTlsServer server;
  DeliveryClient::Options options = OneThread();
  options.connect_timeout = absl::Milliseconds(100);
  const auto client = MakeClient(options);
  server.BeforeNextHandshake(Action::Stall());
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()));
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kTlsFailed);
  EXPECT_THAT(verdict.detail, HasSubstr("no answer in time"));
}

// ---- Looking names up -------------------------------------------------------

TEST(Lookup, ThatFailsIsNotDelivered) {
  DeliveryClient::Options options = OneThread();
  options.lookup =
      [](const std::string& host) -> absl::StatusOr<std::vector<std::string>> {
    EXPECT_EQ(host, "events.example");
    return absl::UnavailableError("there is no such name");
  };
  const auto client = MakeClient(options);
  const Verdict verdict = Deliver(*client, DestinationAt("events.example"));
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kHostNotFound);
  EXPECT_THAT(verdict.detail,
              HasSubstr("events.example: there is no such name"));
}

TEST(Lookup, TriesTheAddressesInTurn) {
  ScriptedTlsServer server;
  DeliveryClient::Options options = OneThread();
  options.lookup = [](const std::string&) -> std::vector<std::string> {
    // The server listens on the last one only.
    return {"::1", "127.0.0.2", "127.0.0.1"};
  };
  const auto client = MakeClient(options);
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()));
  EXPECT_EQ(verdict.cause, Cause::kTaken) << testing::PrintToString(verdict);
}

TEST(Lookup, ThatHangsKeepsNobodyBeyondTheDeadline) {
  absl::Notification go_on;
  std::atomic<int> lookups = 0;
  DeliveryClient::Options options = OneThread();
  ScriptedTlsServer server;
  absl::Notification returned;
  options.lookup = [&](const std::string&) -> std::vector<std::string> {
    ++lookups;
    go_on.WaitForNotification();
    returned.Notify();
    return {"127.0.0.1"};
  };
  auto client = MakeClient(options);
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()), "{}", kShort);
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kDeadlineBeforeSending);

  // Another host is not held up by it, and neither is the end of the client.
  EXPECT_EQ(Deliver(*client, DestinationAt(server.address_and_port())).cause,
            Cause::kTaken);
  auto waiting = Start(*client, DestinationAt(server.name_and_port()));
  client = nullptr;
  EXPECT_EQ(waiting.get().cause, Cause::kShuttingDown);
  EXPECT_EQ(lookups, 1) << "lookups of one name are to be shared";
  go_on.Notify();
  returned.WaitForNotification();
}

TEST(Lookup, ByTheSystemKnowsLocalhost) {
  const auto addresses = LookupWithSystem("localhost");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(*addresses, testing::AnyOf(testing::Contains("127.0.0.1"),
                                         testing::Contains("::1")));
}

TEST(Lookup, ByTheSystemSaysThatANameIsUnknown) {
  // RFC 6761: "invalid" never resolves.
  EXPECT_FALSE(LookupWithSystem("host.invalid").ok());
}

}  // namespace
}  // namespace signal_delivery::client
