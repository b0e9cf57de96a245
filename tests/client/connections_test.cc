// How connections are shared, reused and let go, and how the client ends.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::client {
namespace {

using support::Action;
using support::ScriptedTlsServer;
using Kind = Verdict::Kind;
using Cause = Verdict::Cause;

TEST(Connections, AreReused) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Connections, AreSharedByDestinationsOfOneHost) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  Deliver(*client, DestinationAt(server.name_and_port()));
  Deliver(*client, DestinationAt(server.name_and_port()));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Connections, AreNoMoreThanAllowedAndQueuedDeliveriesGoInOrder) {
  ScriptedTlsServer server;
  absl::Notification may_answer;
  server.ByDefault(Action::Answer(202).After(may_answer));
  DeliveryClient::Options options = OneThread();
  options.max_connections_per_host = 1;
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());

  std::vector<std::future<Verdict>> verdicts;
  for (int i = 0; i < 10; ++i) {
    verdicts.push_back(Start(*client, destination, std::to_string(i)));
  }
  server.WaitForRequests(1);
  may_answer.Notify();
  for (auto& verdict : verdicts) EXPECT_EQ(verdict.get().cause, Cause::kTaken);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 10u);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(requests[i].body, std::to_string(i));
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Connections, ServeManyDeliveriesAtATimeFromSeveralThreads) {
  ScriptedTlsServer server;
  DeliveryClient::Options options;
  options.threads = 2;
  options.max_connections_per_host = 16;
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());

  constexpr int kDeliveries = 300;
  std::vector<std::future<Verdict>> verdicts;
  for (int i = 0; i < kDeliveries; ++i) {
    verdicts.push_back(Start(*client, destination, std::to_string(i)));
  }
  for (auto& verdict : verdicts) EXPECT_EQ(verdict.get().cause, Cause::kTaken);

  std::multiset<std::string> bodies;
  for (const auto& request : server.requests()) bodies.insert(request.body);
  ASSERT_EQ(bodies.size(), static_cast<size_t>(kDeliveries));
  for (int i = 0; i < kDeliveries; ++i) {
    EXPECT_EQ(bodies.count(std::to_string(i)), 1u) << i;
  }
  EXPECT_LE(server.most_open_connections(), 16);
}

TEST(Connections, AreNotAllHeldByADestinationWhoseRequestsHang) {
  ScriptedTlsServer server;
  server.OnRequestsWith("hangs", Action::Stall());
  DeliveryClient::Options options = OneThread();
  options.max_connections_per_host = 4;
  const auto client = MakeClient(options);
  const auto ill = DestinationAt(server.name_and_port());
  const auto well = DestinationAt(server.name_and_port());
  std::vector<std::future<Verdict>> verdicts;
  for (int i = 0; i < 10; ++i) {
    verdicts.push_back(Start(*client, ill, "hangs"));
  }
  server.WaitForRequests(2);
  // Sooner than the others are given up.
  EXPECT_EQ(Deliver(*client, well, "{}", absl::Seconds(5)).cause,
            Cause::kTaken);
}

TEST(Connections, ThatAreAllBusyLetAWaitingDeliveryExpireUnsent) {
  ScriptedTlsServer server;
  absl::Notification may_answer;
  server.OnNextRequest(Action::Answer(202).After(may_answer));
  DeliveryClient::Options options = OneThread();
  options.max_connections_per_host = 1;
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());

  auto busy = Start(*client, destination, "first");
  server.WaitForRequests(1);
  const Verdict verdict = Deliver(*client, destination, "second", kShort);
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kDeadlineBeforeSending);
  EXPECT_EQ(verdict.attempts, 0);
  may_answer.Notify();
  EXPECT_EQ(busy.get().cause, Cause::kTaken);
  EXPECT_EQ(Deliver(*client, destination, "third").cause, Cause::kTaken);
  EXPECT_EQ(server.requests().back().body, "third");
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(Connections, ThatHangWhileOpeningMakeRoomForTheNext) {
  ScriptedTlsServer server;
  DeliveryClient::Options options = OneThread();
  options.max_connections_per_host = 1;
  options.connect_timeout = absl::Minutes(5);
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  server.BeforeNextHandshake(Action::Stall());
  EXPECT_EQ(Deliver(*client, destination, "{}", kShort).cause,
            Cause::kDeadlineBeforeSending);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
}

TEST(Connections, ClosedByTheHostWhileIdleAreNotUsedAgain) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  for (const Action& action :
       {Action::Answer(202).ThenClose(), Action::Answer(202).ThenReset(),
        Action::Answer(202).FollowedBy("HTTP/1.1 400 No\r\n\r\n")}) {
    const int before = server.connections();
    server.OnNextRequest(action);
    EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
    server.WaitForEndedConnections(before + 1);
    // The first answers the default and is closed by the next round.
    server.OnNextRequest(Action::Answer(202, "", {"Connection: close"}));
    EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
    server.WaitForEndedConnections(before + 2);
  }
  EXPECT_EQ(server.requests().size(), 6u);
}

// The next delivery is waiting already, so the connection would be handed to it
// at once, with an answer lying on it.
TEST(Connections, WithAnAnswerThatNobodyAskedForDoNotCarryTheNextDelivery) {
  ScriptedTlsServer server;
  absl::Notification may_answer;
  server.OnNextRequest(
      Action::Answer(400)
          .After(may_answer)
          .FollowedBy("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"));
  DeliveryClient::Options options = OneThread();
  options.max_connections_per_host = 1;
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  auto first = Start(*client, destination);
  auto second = Start(*client, destination);
  server.WaitForRequests(1);
  may_answer.Notify();
  EXPECT_EQ(first.get().cause, Cause::kRefusedAsMalformed);
  EXPECT_EQ(second.get().cause, Cause::kTaken);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Connections, ThatDieInUseAreNotReplacedInSecret) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  server.OnNextRequest(Action::Reset());
  const Verdict verdict = Deliver(*client, destination);
  EXPECT_EQ(verdict.cause, Cause::kTaken);
  EXPECT_EQ(verdict.attempts, 2);
  EXPECT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Connections, IdleForTooLongAreClosed) {
  ScriptedTlsServer server;
  DeliveryClient::Options options = OneThread();
  options.max_idle = absl::Milliseconds(20);
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  server.WaitForEndedConnections(1);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Connections, ThatAreTooOldTakeNoFurtherDelivery) {
  ScriptedTlsServer server;
  DeliveryClient::Options options = OneThread();
  options.max_connection_age = absl::Milliseconds(20);
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  server.WaitForEndedConnections(1);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Connections, ResumeTheTlsSessionOfTheLast) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  for (int i = 0; i < 3; ++i) {
    server.OnNextRequest(Action::Answer(202, "", {"Connection: close"}));
    EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  }
  const auto requests = server.requests();
  EXPECT_FALSE(requests[0].resumed);
  EXPECT_TRUE(requests[1].resumed);
  EXPECT_TRUE(requests[2].resumed);
}

TEST(Connections, DoNotResumeASessionOfAnotherTrust) {
  ScriptedTlsServer server;
  server.ByDefault(Action::Answer(202, "", {"Connection: close"}));
  const auto client = MakeClient();
  Deliver(*client, DestinationAt(server.name_and_port()));
  // Another name, hence another check of the certificate.
  Deliver(*client, DestinationAt(server.address_and_port()));
  EXPECT_FALSE(server.requests()[1].resumed);
}

// ---- The end ----------------------------------------------------------------

TEST(Destruction, GivesEveryDeliveryUnderWayItsVerdict) {
  ScriptedTlsServer server;
  server.OnNextRequest(Action::Stall());
  server.OnNextRequest(
      Action::Send("HTTP/1.1 202 A\r\nContent-Length: 9\r\n\r\n{").ThenStall());
  DeliveryClient::Options options = OneThread();
  options.max_connections_per_host = 4;  // two for one destination
  auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());

  auto sent = Start(*client, destination);
  server.WaitForRequests(1);
  auto answered = Start(*client, destination);
  server.WaitForRequests(2);
  auto queued = Start(*client, destination);
  client = nullptr;

  const Verdict sent_verdict = sent.get();
  EXPECT_EQ(sent_verdict.kind, Kind::kUnknown);
  EXPECT_EQ(sent_verdict.cause, Cause::kConnectionLostAfterSending);
  // Its head may or may not have been read by then.
  const Verdict answered_verdict = answered.get();
  EXPECT_TRUE(answered_verdict.cause == Cause::kTaken ||
              answered_verdict.cause == Cause::kConnectionLostAfterSending)
      << testing::PrintToString(answered_verdict);
  const Verdict queued_verdict = queued.get();
  EXPECT_EQ(queued_verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(queued_verdict.cause, Cause::kShuttingDown);
  EXPECT_EQ(queued_verdict.attempts, 0);
}

TEST(Destruction, WaitsForDeliveriesThatAVerdictSetsOff) {
  ScriptedTlsServer server;
  server.ByDefault(Action::Stall());
  DeliveryClient::Options options;
  options.threads = 2;
  auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  constexpr int kChains = 8;  // as many as may be under way at first
  constexpr int kLength = 5;
  std::atomic<int> verdicts = 0;
  std::function<void(int)> start = [&, raw = client.get()](int left) {
    raw->Deliver({.destination = destination,
                  .body = std::make_shared<const std::string>("{}"),
                  .deadline = std::chrono::steady_clock::time_point::max()},
                 [&start, &verdicts, left](const Verdict&) {
                   ++verdicts;
                   if (left > 1) start(left - 1);
                 });
  };
  for (int i = 0; i < kChains; ++i) start(kLength);
  server.WaitForRequests(kChains);
  client = nullptr;
  EXPECT_EQ(verdicts, kChains * kLength);
}

TEST(Destruction, WithNothingUnderWayIsQuiet) {
  ScriptedTlsServer server;
  auto client = MakeClient();
  EXPECT_EQ(Deliver(*client, DestinationAt(server.name_and_port())).cause,
            Cause::kTaken);
  client = nullptr;
  server.WaitForEndedConnections(1);
  MakeClient();  // and one that was never used
}

TEST(Options, OutOfRangeAreRefusedByName) {
  struct Row {
    const char* name;
    void (*spoil)(DeliveryClient::Options&);
  };
  for (const Row& row : std::vector<Row>{
           {"threads", [](auto& o) { o.threads = 0; }},
           {"threads", [](auto& o) { o.threads = 65; }},
           {"max_connections_per_host",
            [](auto& o) { o.max_connections_per_host = 1; }},
           {"max_connections_per_host",
            [](auto& o) { o.max_connections_per_host = 4097; }},
           {"connect_timeout",
            [](auto& o) { o.connect_timeout = absl::Milliseconds(9); }},
           {"max_idle", [](auto& o) { o.max_idle = absl::ZeroDuration(); }},
           {"max_connection_age",
            [](auto& o) { o.max_connection_age = absl::InfiniteDuration(); }},
           {"lookup", [](auto& o) { o.lookup = nullptr; }},
       }) {
    DeliveryClient::Options options;
    row.spoil(options);
    const auto client = DeliveryClient::Create(options);
    ASSERT_EQ(client.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(client.status().message()).find(row.name),
              std::string::npos)
        << client.status();
  }
}

}  // namespace
}  // namespace signal_delivery::client
