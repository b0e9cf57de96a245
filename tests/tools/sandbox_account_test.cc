// What the sandbox holds against an account: its rate, what it took of it
// before, and its poisonous events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/tools/sandbox_client.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::sandbox {
namespace {

namespace http = boost::beast::http;
using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<Sandbox> Start(const SandboxOptions& options) {
  auto sandbox = Sandbox::Start(options);
  EXPECT_TRUE(sandbox.ok()) << sandbox.status();
  return *std::move(sandbox);
}

// A batch of custom events with these source_message_ids.
std::string BatchOf(const std::string& request_id,
                    const std::vector<std::string>& message_ids) {
  Json events = Json::array();
  for (const std::string& id : message_ids) {
    events.push_back({{"event_type", "custom_event"},
                      {"data",
                       {{"event_name", "login"},
                        {"custom_event_type", "other"},
                        {"source_message_id", id}}}});
  }
  return Json({{"environment", "production"},
               {"source_request_id", request_id},
               {"events", events}})
      .dump();
}

TEST(SandboxRateLimitTest, AnswersAsMparticleDoes) {
  SandboxOptions options;
  options.rate_limit = {.per_second = 2, .retry_after = "1"};
  const auto sandbox = Start(options);
  SandboxClient client(*sandbox);
  // However slow this machine is: the third in one second is over the limit.
  HttpReply reply = client.Exchange(Post(kGoodBatch));
  EXPECT_EQ(reply["X-mp-rate-limit-percentage-used"], "50");
  while (reply.result_int() == 202) reply = client.Exchange(Post(kGoodBatch));
  EXPECT_EQ(reply.result_int(), 429u);
  EXPECT_EQ(reply["X-mp-rate-limit-exceeded"], "account");
  EXPECT_EQ(reply["X-mp-rate-limit-percentage-used"], "100");
  EXPECT_EQ(reply["Retry-After"], "1");
  EXPECT_EQ(sandbox->Records().back()["taken"], false);
  EXPECT_EQ(sandbox->Records().back()["fault"], "rate_limit");
}

TEST(SandboxRateLimitTest, LimitsNothingButTheEventsPath) {
  SandboxOptions options;
  options.rate_limit = {.growth = 1};
  const auto sandbox = Start(options);
  SandboxClient client(*sandbox);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(client.Exchange(Ask(http::verb::get, "/other")).result_int(),
              404u);
  }
  EXPECT_EQ(client.Exchange(Post(kGoodBatch)).result_int(), 202u);
}

TEST(SandboxRateLimitTest, ABatchOverTheLimitUsesUpNoFault) {
  SandboxOptions options;
  options.rate_limit = {.per_second = 1};
  options.faults = R"({"answer":{"status":500},"skip":1})";
  const auto sandbox = Start(options);
  SandboxClient client(*sandbox);
  unsigned status = client.Exchange(Post(kGoodBatch)).result_int();
  EXPECT_EQ(status, 202u);
  // The next that is not over the limit gets the fault.
  do {
    status = client.Exchange(Post(kGoodBatch)).result_int();
  } while (status == 429);
  EXPECT_EQ(status, 500u);
}

TEST(SandboxPoisonTest, RefusesABatchWithAPoisonousEvent) {
  SandboxOptions options;
  options.poisons = {{"poison", 400}, {"bulk", 413}};
  const auto sandbox = Start(options);
  SandboxClient client(*sandbox);
  const HttpReply malformed =
      client.Exchange(Post(BatchOf("r1", {"a", "b-poison-b", "c"})));
  EXPECT_EQ(malformed.result_int(), 400u);
  EXPECT_EQ(Json::parse(malformed.body()), Json::parse(R"({"errors":[
      {"code":"BAD_REQUEST",
       "message":"$.events[1].data.source_message_id: poison"}]})"));
  EXPECT_EQ(client.Exchange(Post(BatchOf("r1", {"bulk"}))).result_int(), 413u);
  EXPECT_EQ(client.Exchange(Post(BatchOf("r1", {"a", "c"}))).result_int(),
            202u);
  ASSERT_THAT(sandbox->Taken(), testing::SizeIs(1));
  EXPECT_EQ(sandbox->Taken()[0]["duplicate"], false);
}

TEST(SandboxRecordTest, NamesTheBatchAndTheEventsThatWereTaken) {
  const auto sandbox = Start({});
  SandboxClient client(*sandbox);
  client.Exchange(Post(BatchOf("r1", {"a", "b"})));
  client.Exchange(Post("{}"));
  const std::vector<Json> records = sandbox->Records();
  EXPECT_EQ(records[0]["source_request_id"], "r1");
  EXPECT_EQ(records[0]["source_message_ids"], Json({"a", "b"}));
  EXPECT_FALSE(records[1].contains("source_request_id"));
}

TEST(SandboxRecordTest, KnowsWhatItsRecordSaysWasTakenBefore) {
  SandboxOptions options;
  options.record_path = absl::StrCat(testing::TempDir(), "/taken.jsonl");
  options.faults = R"({"answer":{"status":500},"skip":2})";
  auto sandbox = Start(options);
  {
    SandboxClient client(*sandbox);
    client.Exchange(Post(BatchOf("r1", {"a"})));
    client.Exchange(Post(kGoodBatch));
    EXPECT_EQ(client.Exchange(Post(BatchOf("r2", {"b"}))).result_int(), 500u);
  }
  sandbox.reset();
  // What it was writing when it was killed.
  std::ofstream(options.record_path, std::ios::app)
      << R"({"taken":true,"source_request_id":"r3","body":{)";
  sandbox = Start(options);
  SandboxClient client(*sandbox);
  for (const char* id : {"r1", "r2", "r3"}) {
    ASSERT_TRUE(sandbox->SetFaults("").ok());
    EXPECT_EQ(client.Exchange(Post(BatchOf(id, {"x"}))).result_int(), 202u);
  }
  std::vector<bool> repeats;
  for (const Json& record : sandbox->Taken()) {
    repeats.push_back(record["duplicate"]);
  }
  EXPECT_THAT(repeats, ElementsAre(true, false, false));
}

}  // namespace
}  // namespace signal_delivery::sandbox
