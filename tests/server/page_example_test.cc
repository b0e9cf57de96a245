// The example of Signal's mParticle page, from Signal events over gRPC to a
// sandbox that judges what it gets as mParticle does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "mapping/signal_json.h"
#include "nlohmann/json.hpp"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;
using support::ConfigFolder;
using support::DeliverReply;
using support::Events;
using support::RunningService;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

// The payload as the page shows it.
constexpr char kPayload[] = R"json({
  "environment": "production",
  "schema_version": 2,
  "ip": "203.0.113.50",
  "user_identities": {
    "customer_id": "user-123",
    "email": "jane.doe@example.com",
    "other": "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
  },
  "device_info": {"http_header_user_agent": "Mozilla/5.0 ..."},
  "events": [{
    "event_type": "commerce_event",
    "data": {
      "currency_code": "USD",
      "timestamp_unixtime_ms": 1706540000000,
      "source_message_id": "evt_abc123def456",
      "product_action": {
        "action": "purchase",
        "transaction_id": "ORD-001",
        "total_amount": 129.99,
        "tax_amount": 8.00,
        "shipping_amount": 4.99,
        "products": [
          {"id": "SKU-A", "name": "Widget", "price": 49.99, "quantity": 2},
          {"id": "SKU-B", "name": "Gadget", "price": 30.01, "quantity": 1}
        ]
      }
    }
  }]
})json";

// The same two calls of Datafly.js as Signal events: identify and track.
Events PageExample() {
  std::ifstream file("tools/example/order_completed.jsonl");
  std::stringstream text;
  text << file.rdbuf();
  return mapping::EventsFromJson(text.str()).value();
}

class PageExampleTest : public testing::Test {
 protected:
  PageExampleTest() {
    sandbox::SandboxOptions options;
    options.api_key = support::kApiKey;
    options.api_secret = support::kApiSecret;
    sandbox_ = sandbox::Sandbox::Start(options).value();
  }

  // Delivers the example, through an integration with these further lines.
  DeliverReply Deliver(const std::string& more) {
    const ConfigFolder folder;
    RunningService service(
        {{"acme",
          support::IntegrationText(
              sandbox_->address(),
              folder.Write("ca.pem", sandbox_->ca_certificate_pem()), more)}});
    return service.Deliver(PageExample(), "acme");
  }

  std::unique_ptr<sandbox::Sandbox> sandbox_;
};

TEST_F(PageExampleTest, ArrivesAsThePageShowsIt) {
  const DeliverReply reply = Deliver("source_request_id: false");
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();

  ASSERT_THAT(sandbox_->Records(), SizeIs(1));
  const json record = sandbox_->Records()[0];
  EXPECT_EQ(record["body"], json::parse(kPayload));
  EXPECT_THAT(record["problems"], IsEmpty());
  EXPECT_EQ(record["method"], "POST");
  EXPECT_EQ(record["path"], "/v2/events");
  EXPECT_EQ(record["headers"]["Content-Type"], "application/json");
  // The sandbox answers 401 to any key and secret but its own.
  EXPECT_EQ(record["status"], 202);
  EXPECT_EQ(record["taken"], true);
  for (const EventResult& result : reply.response.results()) {
    EXPECT_EQ(result.source_request_id(), "");
  }
}

TEST_F(PageExampleTest, CarriesAnIdAgainstRepeatsOnTop) {
  const DeliverReply reply = Deliver("");
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();

  ASSERT_THAT(sandbox_->Records(), SizeIs(1));
  json body = sandbox_->Records()[0]["body"];
  ASSERT_TRUE(body.contains("source_request_id"));
  const std::string id = body["source_request_id"];
  body.erase("source_request_id");
  EXPECT_EQ(body, json::parse(kPayload));
  EXPECT_THAT(sandbox_->Records()[0]["problems"], IsEmpty());

  ASSERT_THAT(reply.response.results(), SizeIs(2));
  EXPECT_EQ(reply.response.results(0).message_id(), "evt_000identify");
  EXPECT_EQ(reply.response.results(1).message_id(), "evt_abc123def456");
  for (const EventResult& result : reply.response.results()) {
    EXPECT_EQ(result.outcome(), OUTCOME_ACCEPTED);
    EXPECT_EQ(result.reason(), REASON_TAKEN);
    EXPECT_EQ(result.http_status(), 202);
    EXPECT_EQ(result.attempts(), 1);
    EXPECT_EQ(result.source_request_id(), id);
    EXPECT_FALSE(result.has_retry_after());
    EXPECT_THAT(result.violations(), IsEmpty());
  }
  EXPECT_THAT(reply.response.results(0).warnings(), IsEmpty());
  // The page is of January 2024.
  ASSERT_THAT(reply.response.results(1).warnings(), SizeIs(1));
  EXPECT_EQ(reply.response.results(1).warnings(0).rule(), "old_time");
}

TEST_F(PageExampleTest, SentTwiceIsRecognisedAsARepeat) {
  const DeliverReply first = Deliver("");
  const DeliverReply second = Deliver("");
  EXPECT_EQ(first.response.SerializeAsString(),
            second.response.SerializeAsString());
  ASSERT_THAT(sandbox_->Records(), SizeIs(2));
  EXPECT_EQ(sandbox_->Records()[0]["duplicate"], false);
  EXPECT_EQ(sandbox_->Records()[1]["duplicate"], true);
  EXPECT_EQ(sandbox_->Records()[0]["body"], sandbox_->Records()[1]["body"]);
}

TEST_F(PageExampleTest, TriedAgainAfterALostAnswerIsTakenOnce) {
  ASSERT_TRUE(sandbox_->SetFaults(R"({"fault": "taken_then_reset"})").ok());
  const DeliverReply reply = Deliver("");
  ASSERT_THAT(reply.response.results(), SizeIs(2));
  for (const EventResult& result : reply.response.results()) {
    EXPECT_EQ(result.outcome(), OUTCOME_ACCEPTED);
    EXPECT_EQ(result.attempts(), 2);
  }
  ASSERT_THAT(sandbox_->Records(), SizeIs(2));
  EXPECT_EQ(sandbox_->Records()[0]["taken"], true);
  EXPECT_EQ(sandbox_->Records()[1]["duplicate"], true);
}

TEST_F(PageExampleTest, IsNotTakenWithAWrongSecret) {
  sandbox::SandboxOptions options;
  options.api_key = support::kApiKey;
  options.api_secret = "another";
  sandbox_ = sandbox::Sandbox::Start(options).value();
  const DeliverReply reply = Deliver("");
  ASSERT_THAT(reply.response.results(), SizeIs(2));
  EXPECT_EQ(reply.response.results(1).outcome(), OUTCOME_NOT_DELIVERED);
  EXPECT_EQ(reply.response.results(1).reason(), REASON_UNAUTHORIZED);
  EXPECT_THAT(sandbox_->Taken(), IsEmpty());
}

}  // namespace
}  // namespace signal_delivery::server
