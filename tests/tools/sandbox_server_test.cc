#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/tools/sandbox_client.h"
#include "tools/sandbox/limits.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::sandbox {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class SandboxServerTest : public testing::Test {
 protected:
  static std::unique_ptr<Sandbox> Start(const SandboxOptions& options = {}) {
    auto sandbox = Sandbox::Start(options);
    EXPECT_TRUE(sandbox.ok()) << sandbox.status();
    return *std::move(sandbox);
  }

  // The status of one request on a connection of its own.
  unsigned StatusOf(const HttpRequest& request) {
    return SandboxClient(*sandbox_).Exchange(request).result_int();
  }

  std::unique_ptr<Sandbox> sandbox_ = Start();
};

// A batch of exactly this many bytes.
std::string BatchOfSize(std::size_t size) {
  std::string batch = R"({"environment":"production"})";
  return batch + std::string(size - batch.size(), ' ');
}

TEST_F(SandboxServerTest, TakesAGoodBatch) {
  SandboxClient client(*sandbox_);
  ASSERT_FALSE(client.connect_error()) << client.connect_error().message();
  const HttpReply reply = client.Exchange(Post(kGoodBatch));
  EXPECT_EQ(reply.result_int(), 202u);
  EXPECT_EQ(reply.body(), "");
  ASSERT_THAT(sandbox_->Taken(), SizeIs(1));
  EXPECT_EQ(sandbox_->Taken()[0]["body"], Json::parse(kGoodBatch));
}

TEST_F(SandboxServerTest, RefusesWrongOrMissingCredentials) {
  HttpRequest request = Post(kGoodBatch);
  request.erase(http::field::authorization);
  EXPECT_EQ(StatusOf(request), 401u);
  for (const char* credentials :
       {"Basic eDp5", "Bearer c2FuZGJveC1rZXk6c2FuZGJveC1zZWNyZXQ=", "Basic"}) {
    request.set(http::field::authorization, credentials);
    EXPECT_EQ(StatusOf(request), 401u) << credentials;
  }
  EXPECT_THAT(sandbox_->Taken(), IsEmpty());
}

TEST_F(SandboxServerTest, TakesTheKeyAndSecretItWasGiven) {
  SandboxOptions options;
  options.api_key = "k";
  options.api_secret = "s";
  sandbox_ = Start(options);
  HttpRequest request = Post(kGoodBatch);
  EXPECT_EQ(StatusOf(request), 401u);
  request.set(http::field::authorization, "Basic azpz");
  EXPECT_EQ(StatusOf(request), 202u);
}

TEST_F(SandboxServerTest, RefusesOtherPathsMethodsAndTypes) {
  EXPECT_EQ(StatusOf(Ask(http::verb::post, "/v2/bulkevents")), 404u);
  EXPECT_EQ(StatusOf(Ask(http::verb::get, "/v2/events")), 405u);
  HttpRequest request = Post(kGoodBatch);
  request.set(http::field::content_type, "text/plain");
  EXPECT_EQ(StatusOf(request), 400u);
  request.erase(http::field::content_type);
  EXPECT_EQ(StatusOf(request), 400u);
  request.set(http::field::content_type, "Application/JSON; charset=utf-8");
  EXPECT_EQ(StatusOf(request), 202u);
}

TEST_F(SandboxServerTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(StatusOf(Post(BatchOfSize(kMaxBatchBytes))), 202u);
  EXPECT_EQ(StatusOf(Post(BatchOfSize(kMaxBatchBytes + 1))), 400u);
  EXPECT_EQ(StatusOf(Post(BatchOfSize(kMaxRequestBytes))), 400u);
  EXPECT_EQ(StatusOf(Post(BatchOfSize(kMaxRequestBytes + 1))), 413u);
}

TEST_F(SandboxServerTest, NamesEveryProblemAsMparticleDoes) {
  const HttpReply reply = SandboxClient(*sandbox_).Exchange(
      Post(R"({"environment":"production","ip":1,"x":2})"));
  EXPECT_EQ(reply.result_int(), 400u);
  EXPECT_EQ(Json::parse(reply.body()), Json::parse(
                                           R"({"errors":[
            {"code":"BAD_REQUEST","message":"$.ip: must be an IPv4 or IPv6 address, and nothing else"},
            {"code":"BAD_REQUEST","message":"$.x: is not a field that mParticle knows here"}]})"));
  EXPECT_THAT(sandbox_->Records()[0]["problems"], SizeIs(2));
}

TEST_F(SandboxServerTest, CountsASourceRequestIdOnce) {
  const std::string batch =
      R"({"environment":"production","source_request_id":"r"})";
  SandboxClient client(*sandbox_);
  EXPECT_EQ(client.Exchange(Post(batch)).result_int(), 202u);
  EXPECT_EQ(client.Exchange(Post(batch)).result_int(), 202u);
  EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 202u);
  EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 202u);
  const std::vector<Json> taken = sandbox_->Taken();
  ASSERT_THAT(taken, SizeIs(4));
  EXPECT_EQ(taken[0]["duplicate"], false);
  EXPECT_EQ(taken[1]["duplicate"], true);
  EXPECT_EQ(taken[2]["duplicate"], false);
  EXPECT_EQ(taken[3]["duplicate"], false) << "without an id nothing repeats";
}

TEST_F(SandboxServerTest, ARefusedBatchDoesNotUseUpItsId) {
  EXPECT_EQ(StatusOf(Post(R"({"source_request_id":"r"})")), 400u);
  EXPECT_EQ(
      StatusOf(Post(R"({"environment":"production","source_request_id":"r"})")),
      202u);
  EXPECT_EQ(sandbox_->Taken()[0]["duplicate"], false);
}

TEST_F(SandboxServerTest, WritesARecordOfEveryRequest) {
  SandboxOptions options;
  options.record_path = absl::StrCat(testing::TempDir(), "/record.jsonl");
  // Half a line, as a sandbox leaves it that was killed while writing.
  std::ofstream(options.record_path) << R"({"sequence":1,)";
  sandbox_ = Start(options);
  SandboxClient client(*sandbox_);
  client.Exchange(Post("{\"environment\":\r\n \"production\",\"mpid\":-0}"));
  client.Exchange(Post("not JSON \xff"));
  client.Exchange(Ask(http::verb::get, "/other?q=1"));

  std::ifstream file(options.record_path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_THAT(lines, SizeIs(4));
  const Json taken = Json::parse(lines[1]);
  EXPECT_EQ(taken["sequence"], 1);
  EXPECT_EQ(taken["connection"], 1);
  EXPECT_EQ(taken["method"], "POST");
  EXPECT_EQ(taken["path"], "/v2/events");
  EXPECT_EQ(taken["headers"]["Authorization"], "Basic ***");
  EXPECT_EQ(taken["status"], 202);
  EXPECT_EQ(taken["taken"], true);
  EXPECT_EQ(taken["duplicate"], false);
  EXPECT_EQ(taken["problems"], Json::array());
  EXPECT_THAT(taken["received_at"].get<std::string>(),
              testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
  EXPECT_FALSE(taken.contains("fault"));
  EXPECT_THAT(lines[1], HasSubstr(R"("mpid":-0})")) << "the sender's spelling";

  const Json refused = Json::parse(lines[2]);
  EXPECT_EQ(refused["sequence"], 2);
  EXPECT_EQ(refused["connection"], 1) << "the connection was kept";
  EXPECT_EQ(refused["status"], 400);
  EXPECT_EQ(refused["taken"], false);
  EXPECT_FALSE(refused.contains("body"));
  EXPECT_EQ(refused["body_text"], "not JSON \xEF\xBF\xBD");

  const Json lost = Json::parse(lines[3]);
  EXPECT_EQ(lost["status"], 404);
  EXPECT_EQ(lost["path"], "/other?q=1");
}

TEST_F(SandboxServerTest, NeverRecordsASecret) {
  HttpRequest request = Post(kGoodBatch);
  for (const char* secret : {"Basic hidden-text", "hidden-text", " hidden-text",
                             "Basic\thidden-text"}) {
    request.set(http::field::authorization, secret);
    StatusOf(request);
  }
  for (const Json& record : sandbox_->Records()) {
    EXPECT_THAT(record.dump(), Not(HasSubstr("hidden-text")));
  }
}

TEST_F(SandboxServerTest, ServesAndClearsItsRecordOverHttp) {
  const std::string batch =
      R"({"environment":"production","source_request_id":"r"})";
  SandboxClient client(*sandbox_);
  client.Exchange(Post(batch));
  HttpReply reply = client.Exchange(Ask(http::verb::get, "/_sandbox/record"));
  EXPECT_EQ(reply.result_int(), 200u);
  EXPECT_EQ(Json::parse(reply.body()), Json(sandbox_->Records()));

  EXPECT_EQ(client.Exchange(Ask(http::verb::delete_, "/_sandbox/record"))
                .result_int(),
            200u);
  reply = client.Exchange(Ask(http::verb::get, "/_sandbox/record"));
  EXPECT_EQ(Json::parse(reply.body()), Json::array());
  client.Exchange(Post(batch));
  EXPECT_EQ(sandbox_->Taken()[0]["duplicate"], false) << "ids are cleared too";
  EXPECT_EQ(sandbox_->Taken()[0]["sequence"], 2) << "the numbering goes on";
  EXPECT_EQ(StatusOf(Ask(http::verb::get, "/_sandbox/nothing")), 404u);
}

TEST_F(SandboxServerTest, AnswersTextThatIsNotHttp) {
  SandboxClient client(*sandbox_);
  client.SendText("nonsense\r\n\r\n");
  const HttpReply reply = client.Read();
  EXPECT_EQ(reply.result_int(), 400u);
  EXPECT_FALSE(reply.keep_alive());
  EXPECT_THAT(sandbox_->Records(), SizeIs(1));
}

TEST_F(SandboxServerTest, SaysGoOnToAClientThatAsks) {
  SandboxClient client(*sandbox_);
  client.SendText(
      "POST /v2/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadPiece(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.SendText("{}");
  EXPECT_EQ(client.Read().result_int(), 401u);
}

TEST_F(SandboxServerTest, ServesManyConnectionsAtOnce) {
  constexpr int kConnections = 300;
  constexpr int kThreads = 4;
  std::vector<std::unique_ptr<SandboxClient>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<SandboxClient>(*sandbox_));
  }
  std::vector<std::thread> threads;
  for (int first = 0; first < kThreads; ++first) {
    threads.emplace_back([&, first] {
      for (int i = first; i < kConnections; i += kThreads) {
        EXPECT_EQ(clients[i]->Exchange(Post(kGoodBatch)).result_int(), 202u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(sandbox_->WaitForRequests(kConnections));
  const std::vector<Json> taken = sandbox_->Taken();
  ASSERT_THAT(taken, SizeIs(kConnections));
  for (int i = 0; i < kConnections; ++i) {
    EXPECT_EQ(taken[i]["sequence"], i + 1);
  }
}

TEST_F(SandboxServerTest, SaysWhenTheWaitWasInVain) {
  EXPECT_FALSE(sandbox_->WaitForRequests(1, absl::ZeroDuration()));
}

TEST(SandboxStartTest, SaysWhatIsWrongWithItsOptions) {
  const auto error = [](auto change) {
    SandboxOptions options;
    change(options);
    return std::string(Sandbox::Start(options).status().message());
  };
  EXPECT_THAT(error([](auto& o) { o.address = "localhost"; }),
              HasSubstr("localhost is not an IP address"));
  EXPECT_THAT(error([](auto& o) { o.certificate_pem = "x"; }),
              HasSubstr("needs its key"));
  EXPECT_THAT(error([](auto& o) {
                o.certificate_pem = "x";
                o.private_key_pem = "y";
              }),
              HasSubstr("the certificate"));
  EXPECT_THAT(error([](auto& o) { o.record_path = "/nowhere/at/all"; }),
              HasSubstr("/nowhere/at/all"));
  EXPECT_THAT(error([](auto& o) { o.faults = "{}"; }),
              HasSubstr("the fault script: line 1"));
}

TEST(SandboxStartTest, SaysThatThePortIsTaken) {
  auto first = Sandbox::Start({});
  ASSERT_TRUE(first.ok());
  SandboxOptions options;
  options.port = (*first)->port();
  EXPECT_THAT(std::string(Sandbox::Start(options).status().message()),
              HasSubstr("cannot listen on"));
}

}  // namespace
}  // namespace signal_delivery::sandbox
