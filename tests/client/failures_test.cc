// What goes wrong before there is an answer, and that the client knows whether
// anything was sent by then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/unused_port.h"

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
    const int before = server.connections();
    const Verdict verdict = DeliverUntil(*client, DestinationAt(host), [&] {
      server.WaitForConnections(before + 2);
    });
    EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
    EXPECT_EQ(verdict.cause, Cause::kTlsFailed);
    EXPECT_GE(verdict.attempts, 1);
    EXPECT_THAT(verdict.detail, HasSubstr(GetParam().detail));
    EXPECT_THAT(verdict.detail, HasSubstr(host));
  }
  server.WaitForEndedConnections(server.connections());
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
  Cause cause;
  absl::Duration timeout;
};

class Opening : public testing::TestWithParam<OpeningRow> {};

TEST_P(Opening, ThatFailsIsFollowedByAnotherAttemptOrEndsAtTheDeadline) {
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
  EXPECT_EQ(verdict.cause, GetParam().cause) << testing::PrintToString(verdict);
  EXPECT_EQ(verdict.attempts, verdict.kind == Kind::kAccepted ? 2 : 1);

  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.requests().size(),
            verdict.kind == Kind::kAccepted ? 2u : 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, Opening,
    testing::Values(
        OpeningRow{"ClosedBeforeHandshake", true, Action::Close(),
                   Kind::kAccepted, Cause::kTaken, kLong},
        OpeningRow{"ResetBeforeHandshake", true, Action::Reset(),
                   Kind::kAccepted, Cause::kTaken, kLong},
        OpeningRow{"PlainHttpInsteadOfTls", true,
                   Action::Send("HTTP/1.1 400 Bad Request\r\n\r\n").ThenClose(),
                   Kind::kAccepted, Cause::kTaken, kLong},
        OpeningRow{"StalledBeforeHandshake", true, Action::Stall(),
                   Kind::kNotDelivered, Cause::kDeadlineBeforeSending, kShort},
        OpeningRow{"StalledBeforeReading", false, Action::Stall(),
                   Kind::kUnknown, Cause::kNoAnswerBeforeDeadline, kShort}),
    [](const auto& info) { return info.param.name; });

TEST(ResetRightAfterTheHandshake, IsFollowedByAnotherAttempt) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.AfterNextHandshake(Action::Reset());
  const Verdict verdict =
      Deliver(*client, DestinationAt(server.name_and_port()));
  EXPECT_EQ(verdict.cause, Cause::kTaken);
  EXPECT_EQ(verdict.attempts, 2);
  EXPECT_EQ(server.connections(), 2);
}

// What a delivery to a host that is never well is told: `answer` is what is
// looked up, and the delivery is cancelled once it is looked up again.
Verdict DeliverWithLookup(absl::StatusOr<std::vector<std::string>> answer,
                          const std::string& host) {
  // A lookup may outlive its client.
  struct Lookups {
    std::atomic<int> count = 0;
    absl::Notification second;
  };
  const auto lookups = std::make_shared<Lookups>();
  DeliveryClient::Options options = OneThread();
  options.lookup = [lookups, answer](const std::string&) {
    if (++lookups->count == 2) lookups->second.Notify();
    return answer;
  };
  const auto client = MakeClient(options);
  return DeliverUntil(*client, DestinationAt(host),
                      [&] { lookups->second.WaitForNotification(); });
}

TEST(Descriptors, ThatHaveRunOutAreAFailureThatMayPass) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct Lookups {
    std::atomic<int> count = 0;
    absl::Notification third;
  };
  const auto lookups = std::make_shared<Lookups>();
  DeliveryClient::Options options = OneThread();
  options.lookup = [lookups, before](const std::string&) {
    // The first attempt is refused and not without descriptors: the first time
    // that the sanitizer of undefined behaviour sees a type it opens a pipe.
    if (++lookups->count == 2) {
      const int next = dup(STDIN_FILENO);
      close(next);
      const rlimit none_left = {.rlim_cur = static_cast<rlim_t>(next),
                                .rlim_max = before.rlim_max};
      EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    }
    if (lookups->count == 3) lookups->third.Notify();
    return std::vector<std::string>{"127.0.0.1"};
  };
  const auto client = MakeClient(options);
  const Verdict verdict =
      DeliverUntil(*client, DestinationAt("events.example"),
                   [&] { lookups->third.WaitForNotification(); });
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kConnectFailed);
  EXPECT_THAT(verdict.detail, HasSubstr("Too many open files"));
}

TEST(RefusedConnection, IsNotDelivered) {
  const Verdict verdict =
      DeliverWithLookup(std::vector<std::string>{"127.0.0.1"},
                        absl::StrCat("events.example:", support::UnusedPort()));
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kConnectFailed);
  EXPECT_GE(verdict.attempts, 1);
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
  server.BeforeNextHandshake(Action::Stall());
  const Verdict verdict =
      DeliverUntil(*client, DestinationAt(server.name_and_port()),
                   [&] { server.WaitForConnections(2); });
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kTlsFailed);
  EXPECT_THAT(verdict.detail, HasSubstr("no answer in time"));
}

// ---- Looking names up -------------------------------------------------------

TEST(Lookup, ThatFailsIsNotDelivered) {
  const Verdict verdict = DeliverWithLookup(
      absl::UnavailableError("there is no such name"), "events.example");
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kHostNotFound);
  EXPECT_GE(verdict.attempts, 1);
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
