// A cancelled delivery stops waiting at once, and says no more than it knows.

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::client {
namespace {

using support::Action;
using support::ScriptedTlsServer;
using Kind = Verdict::Kind;
using Cause = Verdict::Cause;

TEST(Cancelled, BeforeItBeginsIsNotSent) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  std::stop_source source;
  source.request_stop();
  const Verdict verdict = Start(*client, DestinationAt(server.name_and_port()),
                                "{}", kLong, source.get_token())
                              .get();
  EXPECT_EQ(verdict.kind, Kind::kNotDelivered);
  EXPECT_EQ(verdict.cause, Cause::kCancelled);
  EXPECT_EQ(verdict.attempts, 0);
  EXPECT_EQ(server.connections(), 0);
}

TEST(Cancelled, WhileItsConnectionOpensIsNotSent) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.BeforeNextHandshake(Action::Stall());
  const Verdict verdict =
      DeliverUntil(*client, DestinationAt(server.name_and_port()),
                   [&] { server.WaitForConnections(1); });
  EXPECT_EQ(verdict.cause, Cause::kCancelled);
  EXPECT_EQ(verdict.attempts, 0);
}

TEST(Cancelled, AfterItWasSentStillHearsTheAnswer) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  absl::Notification may_answer;
  server.OnNextRequest(Action::Answer(202).After(may_answer));
  std::stop_source source;
  auto verdict = Start(*client, DestinationAt(server.name_and_port()), "{}",
                       kLong, source.get_token());
  server.WaitForRequests(1);
  source.request_stop();
  may_answer.Notify();
  EXPECT_EQ(verdict.get().cause, Cause::kTaken);
}

TEST(Overdue, StillHearsTheAnswerAndKeepsTheConnection) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  absl::Notification may_answer;
  server.OnNextRequest(Action::Answer(202).After(may_answer));
  std::promise<Verdict> verdict;
  std::promise<Verdict> late;
  client->Deliver({.destination = destination,
                   .body = std::make_shared<const std::string>("{}"),
                   .deadline = std::chrono::steady_clock::now() +
                               absl::ToChronoMilliseconds(kShort),
                   .on_late_answer =
                       [&](const Verdict& answer) { late.set_value(answer); }},
                  [&](Verdict v) { verdict.set_value(std::move(v)); });
  EXPECT_EQ(verdict.get_future().get().cause, Cause::kNoAnswerBeforeDeadline);
  may_answer.Notify();
  EXPECT_EQ(late.get_future().get().cause, Cause::kTaken);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Overdue, DoesNotHoldUpTheEndOfTheClient) {
  ScriptedTlsServer server;
  server.OnNextRequest(Action::Stall());
  auto client = MakeClient();
  EXPECT_EQ(
      Deliver(*client, DestinationAt(server.name_and_port()), "{}", kShort)
          .cause,
      Cause::kNoAnswerBeforeDeadline);
  client = nullptr;
  server.WaitForEndedConnections(1);
}

TEST(Overdue, ByAHostThatLetsNobodyInOpensTheBreaker) {
  ScriptedTlsServer server;
  constexpr int kMost = 60;
  for (int i = 0; i < kMost; ++i) server.BeforeNextHandshake(Action::Stall());
  const auto client = MakeClient();
  const auto destination = DestinationAt(server.name_and_port());
  int deliveries = 0;
  while (Deliver(*client, destination, "{}", kShort).cause !=
         Cause::kCircuitOpen) {
    ASSERT_LT(++deliveries, kMost);
  }
}

TEST(Cancelled, AfterItWasSentDoesNotWaitLong) {
  ScriptedTlsServer server;
  const auto client = MakeClient();
  server.OnNextRequest(Action::Stall());
  const Verdict verdict =
      DeliverUntil(*client, DestinationAt(server.name_and_port()),
                   [&] { server.WaitForRequests(1); });
  EXPECT_EQ(verdict.kind, Kind::kUnknown);
  EXPECT_EQ(verdict.cause, Cause::kNoAnswerBeforeDeadline);
  EXPECT_EQ(verdict.attempts, 1);
}

TEST(Cancelled, TogetherEndTogether) {
  ScriptedTlsServer server;
  server.ByDefault(Action::Stall());
  DeliveryClient::Options options;
  options.threads = 2;
  const auto client = MakeClient(options);
  std::stop_source source;
  std::vector<std::future<Verdict>> verdicts;
  for (const std::string& host :
       {server.name_and_port(), server.address_and_port()}) {
    const auto destination = DestinationAt(host);
    for (int i = 0; i < 20; ++i) {
      verdicts.push_back(
          Start(*client, destination, "{}", kLong, source.get_token()));
    }
  }
  server.WaitForRequests(16);  // as many as may be under way at first
  source.request_stop();
  int sent = 0;
  for (auto& verdict : verdicts) sent += verdict.get().attempts;
  EXPECT_EQ(sent, 16);
  EXPECT_EQ(server.requests().size(), 16u);
}

}  // namespace
}  // namespace signal_delivery::client
