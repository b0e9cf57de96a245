// The faults of a script, played over real connections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "tests/tools/sandbox_client.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::sandbox {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::json;
using ::testing::StartsWith;

class FaultPlayTest : public testing::Test {
 protected:
  void Play(const std::string& script) {
    const absl::Status status = sandbox_->SetFaults(script);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Sends a good batch under the script, and returns the connection.
  std::unique_ptr<SandboxClient> Send(const std::string& script) {
    Play(script);
    auto client = std::make_unique<SandboxClient>(*sandbox_);
    EXPECT_FALSE(client->connect_error()) << client->connect_error().message();
    client->Send(Post(kGoodBatch));
    return client;
  }

  // What the one request left behind; and that the sandbox serves the next.
  Json RecordOfFault() {
    EXPECT_TRUE(sandbox_->WaitForRequests(1));
    const Json record = sandbox_->Records().at(0);
    EXPECT_EQ(SandboxClient(*sandbox_).Exchange(Post(kGoodBatch)).result_int(),
              202u);
    return record;
  }

  std::unique_ptr<Sandbox> sandbox_ = *Sandbox::Start({});
};

TEST_F(FaultPlayTest, AnswersAsToldAndTakesNothing) {
  auto client = Send(
      R"({"answer":{"status":429,"headers":{"Retry-After":"2"},"body":"slow"}})");
  const HttpReply reply = client->Read();
  EXPECT_EQ(reply.result_int(), 429u);
  EXPECT_EQ(reply["Retry-After"], "2");
  EXPECT_EQ(reply.body(), "slow");
  const Json record = RecordOfFault();
  EXPECT_EQ(record["fault"], "answer");
  EXPECT_EQ(record["status"], 429);
  EXPECT_EQ(record["taken"], false);
}

TEST_F(FaultPlayTest, TakesTheBatchUnderAnAnswerThatDeniesIt) {
  EXPECT_EQ(
      Send(R"({"answer":{"status":500},"take":true})")->Read().result_int(),
      500u);
  const Json record = RecordOfFault();
  EXPECT_EQ(record["taken"], true);
  EXPECT_EQ(record["status"], 500);
}

TEST_F(FaultPlayTest, TakesTheBatchUnderItsOwnAcceptance) {
  const HttpReply reply =
      Send(R"({"answer":{"headers":{"X-mp-rate-limit-percentage-used":"85"}}})")
          ->Read();
  EXPECT_EQ(reply.result_int(), 202u);
  EXPECT_EQ(reply["X-mp-rate-limit-percentage-used"], "85");
  EXPECT_EQ(RecordOfFault()["taken"], true);
}

TEST_F(FaultPlayTest, NeverTakesABadBatch) {
  Play(R"({"answer":{"status":202}})");
  EXPECT_EQ(SandboxClient(*sandbox_).Exchange(Post("{}")).result_int(), 202u);
  EXPECT_EQ(RecordOfFault()["taken"], false);
}

TEST_F(FaultPlayTest, SendsAHugeBody) {
  constexpr std::size_t kSize = 5'000'000;
  const HttpReply reply =
      Send(R"({"answer":{"status":400,"body":"start","body_bytes":5000000}})")
          ->Read();
  EXPECT_EQ(reply.body().size(), kSize + 5);
  EXPECT_THAT(reply.body().substr(0, 8), "startxxx");
}

TEST_F(FaultPlayTest, AnAnswerWithoutContentHasNoLength) {
  auto client = Send(R"({"answer":{"status":204,"body":"x"}})");
  EXPECT_EQ(client->ReadPiece(), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_F(FaultPlayTest, ResetsBeforeTls) {
  Play(R"({"fault":"reset_on_connect"})");
  EXPECT_TRUE(SandboxClient(*sandbox_).connect_error());
  const Json record = RecordOfFault();
  EXPECT_EQ(record["fault"], "reset_on_connect");
  EXPECT_EQ(record["status"], nullptr);
  EXPECT_FALSE(record.contains("method"));
}

TEST_F(FaultPlayTest, SpeaksSomethingElseThanTls) {
  Play(R"({"fault":"bad_tls"})");
  const SandboxClient client(*sandbox_);
  EXPECT_EQ(client.connect_error().category(),
            boost::asio::error::get_ssl_category())
      << client.connect_error().message();
  EXPECT_EQ(RecordOfFault()["fault"], "bad_tls");
}

TEST_F(FaultPlayTest, ConnectsSlowly) {
  auto client = Send(R"({"fault":"slow_connect","delay_ms":1})");
  EXPECT_EQ(client->Read().result_int(), 202u);
  EXPECT_EQ(RecordOfFault()["fault"], "slow_connect");
}

TEST_F(FaultPlayTest, AnswersLate) {
  EXPECT_EQ(Send(R"({"delay_ms":1})")->Read().result_int(), 202u);
  EXPECT_EQ(RecordOfFault()["fault"], "delay");
}

TEST_F(FaultPlayTest, ResetsAtEveryStageOfTheRequest) {
  const std::vector<std::pair<std::string, bool>> faults = {
      {"reset_before_request", false},
      {"reset_during_request", false},
      {"reset_after_request", false},
      {"taken_then_reset", true}};
  for (const auto& [name, taken] : faults) {
    SCOPED_TRACE(name);
    sandbox_ = *Sandbox::Start({});
    auto client = Send("{\"fault\":\"" + name + "\"}");
    EXPECT_EQ(client->ReadToEnd(), "");
    EXPECT_EQ(client->read_error(), boost::asio::error::connection_reset)
        << client->read_error().message();
    const Json record = RecordOfFault();
    EXPECT_EQ(record["fault"], name);
    EXPECT_EQ(record["status"], nullptr);
    EXPECT_EQ(record["taken"], taken);
    EXPECT_EQ(record.contains("method"), name != "reset_before_request");
    EXPECT_EQ(record.contains("body"),
              absl::StrContains(name, "after") || taken);
  }
}

TEST_F(FaultPlayTest, StallsUntilItIsStopped) {
  auto client = Send(R"({"fault":"stall"})");
  const Json record = RecordOfFault();
  EXPECT_EQ(record["status"], nullptr);
  EXPECT_EQ(record["taken"], false);
  sandbox_.reset();
  EXPECT_EQ(client->ReadToEnd(), "");
}

TEST_F(FaultPlayTest, CutsTheReplyInTheMiddle) {
  auto client = Send(R"({"fault":"cut_reply"})");
  EXPECT_EQ(client->ReadToEnd(), "HTTP/1.1 202 Accepted\r");
  EXPECT_EQ(client->read_error(), boost::asio::ssl::error::stream_truncated);
  const Json record = RecordOfFault();
  EXPECT_EQ(record["taken"], true);
  EXPECT_EQ(record["status"], 202);
}

TEST_F(FaultPlayTest, CutsTheReplyWhereItIsTold) {
  EXPECT_EQ(Send(R"({"fault":"cut_reply","bytes":9})")->ReadToEnd(),
            "HTTP/1.1 ");
  EXPECT_EQ(Send(R"({"fault":"cut_reply","bytes":0})")->ReadToEnd(), "");
  EXPECT_THAT(
      Send(R"({"fault":"cut_reply","answer":{"status":400,"body_bytes":1000}})")
          ->ReadToEnd(),
      StartsWith(
          "HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\nxxx"));
}

TEST_F(FaultPlayTest, DripsTheReply) {
  auto client = Send(R"({"fault":"drip","bytes":20,"every_ms":0})");
  EXPECT_EQ(client->ReadPiece(), "HTTP/1.1 202 Accepte");
  EXPECT_EQ(client->ReadPiece(), "d\r\nContent-Length: 0");
  EXPECT_EQ(client->ReadPiece(), "\r\n\r\n");
  client->Send(Post(kGoodBatch));
  EXPECT_EQ(client->Read().result_int(), 202u) << "the connection is kept";
}

TEST_F(FaultPlayTest, ClosesAfterAReplyThatPromisedMore) {
  auto client = Send(R"({"fault":"close_after_reply"})");
  const HttpReply reply = client->Read();
  EXPECT_EQ(reply.result_int(), 202u);
  EXPECT_TRUE(reply.keep_alive());
  EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_EQ(RecordOfFault()["taken"], true);
}

TEST_F(FaultPlayTest, ShowsACertificateThatNobodyTrusts) {
  Play(R"({"fault":"wrong_certificate"})");
  const SandboxClient client(*sandbox_);
  EXPECT_EQ(client.connect_error().category(),
            boost::asio::error::get_ssl_category());
  EXPECT_THAT(client.connect_error().message(),
              testing::HasSubstr("certificate verify failed"));
  EXPECT_EQ(RecordOfFault()["fault"], "wrong_certificate");
}

TEST_F(FaultPlayTest, ResetsInTheMiddleOfTheHandshake) {
  Play(R"({"fault":"reset_in_handshake"})");
  EXPECT_EQ(SandboxClient(*sandbox_).connect_error(),
            boost::asio::error::connection_reset);
  EXPECT_EQ(RecordOfFault()["fault"], "reset_in_handshake");
}

TEST_F(FaultPlayTest, RefusesConnectionsForAWhileAndThenListensAgain) {
  Play(R"({"fault":"refuse_connections","delay_ms":200})");
  EXPECT_TRUE(SandboxClient(*sandbox_).connect_error());
  ASSERT_TRUE(sandbox_->WaitForRequests(1));
  EXPECT_EQ(sandbox_->Records()[0]["fault"], "refuse_connections");
  // However slow this machine is: sooner or later the port is open again.
  for (;;) {
    SandboxClient client(*sandbox_);
    if (client.connect_error()) continue;
    EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 202u);
    break;
  }
}

TEST_F(FaultPlayTest, AcceptsSlowly) {
  auto client = Send(R"({"fault":"slow_accept","delay_ms":1})");
  EXPECT_EQ(client->Read().result_int(), 202u);
  EXPECT_EQ(RecordOfFault()["fault"], "slow_accept");
}

TEST_F(FaultPlayTest, RepliesWithGarbage) {
  auto client = Send(R"({"fault":"garbage_reply"})");
  EXPECT_EQ(client->ReadToEnd(), "This is not HTTP.\r\n\r\n");
  const Json record = RecordOfFault();
  EXPECT_EQ(record["status"], nullptr);
  EXPECT_EQ(record["taken"], false);
}

TEST_F(FaultPlayTest, ResetsAfterAWholeReply) {
  auto client = Send(R"({"fault":"reset_after_reply"})");
  const HttpReply reply = client->Read();
  EXPECT_EQ(reply.result_int(), 202u);
  EXPECT_TRUE(reply.keep_alive());
  EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_EQ(client->read_error(), boost::asio::error::connection_reset);
  EXPECT_EQ(RecordOfFault()["taken"], true);
}

TEST_F(FaultPlayTest, LimitsTheRateOnlyAsLongAsTheScriptSaysSo) {
  Play(
      R"({"fault":"rate_limit","per_second":1,"retry_after":"soon","count":2})");
  SandboxClient client(*sandbox_);
  const HttpReply first = client.Exchange(Post(kGoodBatch));
  EXPECT_EQ(first.result_int(), 202u);
  EXPECT_EQ(first["X-mp-rate-limit-percentage-used"], "100");
  const HttpReply second = client.Exchange(Post(kGoodBatch));
  EXPECT_EQ(second.result_int(), 429u);
  EXPECT_EQ(second["X-mp-rate-limit-exceeded"], "account");
  EXPECT_EQ(second["Retry-After"], "soon");
  const HttpReply third = client.Exchange(Post(kGoodBatch));
  EXPECT_EQ(third.result_int(), 202u);
  EXPECT_EQ(third["X-mp-rate-limit-percentage-used"], "");
  const std::vector<Json> records = sandbox_->Records();
  EXPECT_FALSE(records[0].contains("fault"));
  EXPECT_EQ(records[1]["fault"], "rate_limit");
  EXPECT_EQ(records[1]["taken"], false);
}

TEST_F(FaultPlayTest, TakesANewScriptWhileItRuns) {
  SandboxClient client(*sandbox_);
  const auto put = [&](const std::string& script) {
    return client.Exchange(Ask(http::verb::put, "/_sandbox/faults", script));
  };
  EXPECT_EQ(put(R"({"answer":{"status":500},"count":9})").result_int(), 200u);
  EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 500u);
  const HttpReply refused = put(R"({"fault":"x"})");
  EXPECT_EQ(refused.result_int(), 400u);
  EXPECT_EQ(refused.body(), "line 1: unknown fault x\n");
  EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 500u)
      << "a wrong script changes nothing";
  EXPECT_EQ(put("").result_int(), 200u);
  EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 202u);
}

}  // namespace
}  // namespace signal_delivery::sandbox
