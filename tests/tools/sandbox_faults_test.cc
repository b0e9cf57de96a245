// The faults of a script, read, counted, and played over real connections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "tests/tools/sandbox_client.h"
#include "tools/sandbox/faults.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::sandbox {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string ErrorOf(const std::string& script) {
  return std::string(FaultScript::Parse(script).status().message());
}

TEST(FaultScriptTest, ReadsLinesAndArrays) {
  const auto lines = FaultScript::Parse(
      "{\"fault\":\"stall\"}\n\n{\"answer\":{\"status\":503}}\n");
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_THAT(*lines, SizeIs(2));
  const auto array =
      FaultScript::Parse(" [{\"fault\":\"stall\"},\n {\"delay_ms\":5}]");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(*array, SizeIs(2));
  EXPECT_THAT(*FaultScript::Parse(""), IsEmpty());
}

TEST(FaultScriptTest, ReadsTheExamplesOfItsReadme) {
  std::ostringstream text;
  text << std::ifstream("tools/sandbox/README.md").rdbuf();
  const std::string readme = text.str();
  const std::string opening = "One of each:\n\n```json\n";
  const std::size_t start = readme.find(opening) + opening.size();
  ASSERT_LT(start, readme.size());
  const auto faults = FaultScript::Parse(
      readme.substr(start, readme.find("```", start) - start));
  ASSERT_TRUE(faults.ok()) << faults.status();
  EXPECT_THAT(*faults, SizeIs(17));
}

TEST(FaultScriptTest, SaysWhereAScriptIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"{\"fault\":\"stall\"}\n{", "line 2: not valid JSON"},
      {"{}", "line 1: needs a fault"},
      {"[{\"fault\":\"stall\"},{\"fault\":\"x\"}]", "entry 2: unknown fault x"},
      {R"({"fault":"stall","tiems":2})", "unknown member tiems"},
      {R"({"fault":"stall","bytes":2})", "unknown member bytes"},
      {R"({"fault":"stall","count":0})", "count must be"},
      {R"({"fault":"stall","skip":-1})", "skip must be"},
      {R"({"fault":"stall","match":{"path":"/"}})", "unknown member path"},
      {R"({"fault":"stall","answer":{}})", "stall sends no answer"},
      {R"({"answer":{"status":42}})", "status must be"},
      {R"({"answer":{"headers":{"A":"b\r\nC: d"}}})", "headers must be"},
      {R"({"answer":{"headers":["A"]}})", "headers must be"},
      {R"({"answer":"202"})", "must be an object"},
      {R"({"fault":"reset_on_connect","match":{"body_contains":"x"}})",
       "nothing to take or match"},
      {R"({"fault":"reset_on_connect","take":true})", "nothing to take"},
      {R"({"fault":"slow_connect"})", "slow_connect needs a delay_ms"},
      {R"({"fault":"bad_tls","delay_ms":1})", "takes no delay_ms"},
      {"5", "must be an object"},
  };
  for (const auto& [script, error] : wrong) {
    EXPECT_THAT(ErrorOf(script), HasSubstr(error)) << script;
  }
}

TEST(FaultScriptTest, SkipsCountsAndMatches) {
  FaultScript script;
  script.Replace(*FaultScript::Parse(
      R"([{"answer":{"status":500},"skip":1,"count":2,
           "match":{"body_contains":"poison"}},
          {"answer":{"status":503}}])"));
  const auto next = [&](absl::string_view body) {
    const auto fault = script.Next(Moment::kRequestRead, body);
    return fault ? fault->answer->status : 0;
  };
  EXPECT_EQ(next("poison"), 0) << "skipped";
  EXPECT_EQ(next("good"), 503) << "does not match the first entry";
  EXPECT_EQ(next("poison"), 500);
  EXPECT_EQ(next("good"), 0) << "the second entry is used up";
  EXPECT_EQ(next("some poison"), 500);
  EXPECT_EQ(next("poison"), 0) << "both are used up";
}

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
