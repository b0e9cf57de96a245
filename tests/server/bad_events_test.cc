// Bad events among good ones: each is told what is wrong with it, and the good
// ones of the same request are delivered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"
#include "tests/server/delivery_test.h"
#include "tests/support/running_service.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::datafly::signal::v1::Event;
using ::nlohmann::json;
using support::DeliverReply;
using support::LoggedIn;
using support::With;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

// Four letters that a test puts where no UTF-8 is to be, and what then stands
// there.
constexpr char kPlaceholder[] = "@@@@";
constexpr char kNotUtf8[] = "\xff\xfe\xc0\x80";

std::string NotUtf8At(const Event& event) {
  return absl::StrReplaceAll(event.SerializeAsString(),
                             {{kPlaceholder, kNotUtf8}});
}

// A request of serialised events, which need not be what they claim.
std::string RequestOf(const std::vector<std::string>& events) {
  DeliverEventsRequest request;
  request.set_integration_id("acme");
  std::string wire = request.SerializeAsString();
  for (const std::string& event : events) {
    wire += '\x12';  // Field 2, length-delimited.
    for (size_t size = event.size(); true; size >>= 7) {
      wire += static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
      if (size <= 0x7f) break;
    }
    wire += event;
  }
  return wire;
}

class BadEventsTest : public DeliveryTest {
 protected:
  // Delivers the bad event between two good ones, and expects those to be
  // accepted; returns the result of the bad one.
  EventResult DeliverAmongGoodOnes(const std::string& bad) {
    const DeliverReply reply = service_.CallWithBytes(
        RequestOf({LoggedIn("m-before", "u-1").SerializeAsString(), bad,
                   LoggedIn("m-after", "u-1").SerializeAsString()}));
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    if (reply.response.results_size() != 3) {
      ADD_FAILURE() << reply.response.results_size() << " results";
      return EventResult();
    }
    EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_ACCEPTED);
    EXPECT_EQ(reply.response.results(0).message_id(), "m-before");
    EXPECT_EQ(reply.response.results(2).outcome(), OUTCOME_ACCEPTED);
    EXPECT_EQ(reply.response.results(2).message_id(), "m-after");
    EXPECT_THAT(reply.response.SerializeAsString(), Not(HasSubstr("canary")));
    return reply.response.results(1);
  }
};

struct Row {
  const char* name;
  std::function<std::string()> event;
  // The field at fault, as the sender knows it.
  const char* path;
  const char* description;
  const char* message_id = "m-bad";
};

Event Bad(const std::function<void(Event&)>& spoil) {
  Event event = With("secret_of_the_user", "canary", LoggedIn("m-bad", "u-2"));
  spoil(event);
  return event;
}

class InvalidEvent : public BadEventsTest,
                     public testing::WithParamInterface<Row> {};

TEST_P(InvalidEvent, IsRejectedAndTheGoodOnesAreDelivered) {
  const EventResult result = DeliverAmongGoodOnes(GetParam().event());
  EXPECT_EQ(result.message_id(), GetParam().message_id);
  EXPECT_EQ(result.outcome(), OUTCOME_REJECTED);
  EXPECT_EQ(result.reason(), REASON_INVALID_EVENT);
  EXPECT_THAT(result.detail(), Not(IsEmpty()));
  EXPECT_THAT(result.hint(), Not(IsEmpty()));
  EXPECT_THAT(result.warnings(), IsEmpty());
  ASSERT_THAT(result.violations(), SizeIs(1));
  EXPECT_EQ(result.violations(0).signal_path(), GetParam().path);
  EXPECT_THAT(result.violations(0).description(),
              HasSubstr(GetParam().description));
  EXPECT_EQ(result.attempts(), 0);
  EXPECT_EQ(result.http_status(), 0);
  EXPECT_EQ(result.source_request_id(), "");
  EXPECT_FALSE(result.has_retry_after());

  ASSERT_THAT(mparticle_.requests(), SizeIs(1));
  EXPECT_THAT(json::parse(mparticle_.requests()[0].body)["events"], SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(
    All, InvalidEvent,
    testing::Values(
        Row{"TrackWithoutAName",
            [] {
              return Bad([](Event& e) { e.clear_event(); }).SerializeAsString();
            },
            "event", "must name what happened"},
        Row{"NoUserAtAll",
            [] {
              return Bad([](Event& e) {
                       e.clear_user_id();
                       e.clear_anonymous_id();
                     })
                  .SerializeAsString();
            },
            "user_id", "user_id or anonymous_id must be set"},
        Row{"NoType",
            [] {
              return Bad([](Event& e) { e.clear_type(); }).SerializeAsString();
            },
            "type", "must be track, page, identify or group"},
        Row{"NothingToNameItBy",
            [] {
              return Bad([](Event& e) {
                       e.clear_message_id();
                       e.clear_timestamp();
                     })
                  .SerializeAsString();
            },
            "message_id", "message_id or timestamp must be set", ""},
        Row{"TimeThatIsNone",
            [] {
              return Bad([](Event& e) { e.mutable_timestamp()->set_nanos(-1); })
                  .SerializeAsString();
            },
            "timestamp", "is not a time"},
        Row{"PropertyThatIsNotUtf8",
            [] {
              return NotUtf8At(With("city", kPlaceholder, Bad([](Event&) {})));
            },
            "properties.city", "is not UTF-8", ""},
        Row{"NestedPropertyThatIsNotUtf8",
            [] {
              return NotUtf8At(Bad([](Event& e) {
                auto& properties = *e.mutable_properties()->mutable_fields();
                auto& product = *properties["product"]
                                     .mutable_struct_value()
                                     ->mutable_fields();
                product["name"].set_string_value(kPlaceholder);
              }));
            },
            "properties.product.name", "is not UTF-8", ""},
        Row{"NameOfAPropertyThatIsNotUtf8",
            [] {
              return NotUtf8At(With(kPlaceholder, "x", Bad([](Event&) {})));
            },
            "properties.?", "is not UTF-8", ""},
        Row{"TypedPropertyThatIsNotUtf8",
            [] {
              return NotUtf8At(Bad([](Event& e) {
                e.mutable_ecommerce()->set_order_id(kPlaceholder);
              }));
            },
            "ecommerce.order_id", "is not UTF-8", ""},
        Row{"TypedProductThatIsNotUtf8",
            [] {
              return NotUtf8At(Bad([](Event& e) {
                e.mutable_ecommerce()->add_products()->set_name(kPlaceholder);
              }));
            },
            "ecommerce.products.name", "is not UTF-8", ""},
        Row{"TitleThatIsNotUtf8",
            [] {
              return NotUtf8At(Bad([](Event& e) {
                e.mutable_context()->mutable_page()->set_title(kPlaceholder);
              }));
            },
            "context.page.title", "is not UTF-8", ""},
        Row{"MessageIdThatIsNotUtf8",
            [] {
              return NotUtf8At(
                  Bad([](Event& e) { e.set_message_id(kPlaceholder); }));
            },
            "message_id", "is not UTF-8", ""},
        Row{"BytesThatAreNoEvent",
            [] { return std::string("\xff\xff\xff canary"); }, "",
            "not a readable message", ""}),
    [](const auto& info) { return info.param.name; });

TEST_F(BadEventsTest, FiveMegabytesAreRejectedAsTooLarge) {
  const EventResult result = DeliverAmongGoodOnes(
      With("essay", std::string(5'000'000, 'x'), LoggedIn("m-large", "u-2"))
          .SerializeAsString());
  EXPECT_EQ(result.message_id(), "m-large");
  EXPECT_EQ(result.outcome(), OUTCOME_REJECTED);
  EXPECT_EQ(result.reason(), REASON_EVENT_TOO_LARGE);
  EXPECT_THAT(result.hint(), Not(IsEmpty()));
  EXPECT_EQ(result.attempts(), 0);
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
}

TEST_F(BadEventsTest, NumberThatJsonDoesNotHaveIsLeftOutWithAWarning) {
  const std::pair<const char*, double> values[] = {
      {"m-nan", std::nan("")},
      {"m-infinity", std::numeric_limits<double>::infinity()}};
  for (const auto& [id, value] : values) {
    const EventResult result = DeliverAmongGoodOnes(
        With("score", value, With("city", "Oslo", LoggedIn(id, "u-2")))
            .SerializeAsString());
    EXPECT_EQ(result.outcome(), OUTCOME_ACCEPTED);
    // The first is about the event's time, which is long ago.
    ASSERT_THAT(result.warnings(), SizeIs(2));
    EXPECT_EQ(result.warnings(1).rule(), "finite_number");
    EXPECT_EQ(result.warnings(1).signal_path(), "properties.score");
    EXPECT_EQ(result.warnings(1).mparticle_path(),
              "data.custom_attributes.score");
    EXPECT_THAT(result.warnings(1).description(), HasSubstr("left out"));
  }
  int seen = 0;
  for (const auto& request : mparticle_.requests()) {
    const json batch = json::parse(request.body);
    for (const json& event : batch["events"]) {
      const std::string id = event["data"]["source_message_id"];
      if (id != "m-nan" && id != "m-infinity") continue;
      EXPECT_EQ(event["data"]["custom_attributes"], json({{"city", "Oslo"}}));
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2);
}

TEST_F(BadEventsTest, ConnectNowhereWhereNoneIsGood) {
  const Event nameless = Bad([](Event& e) { e.clear_event(); });
  const DeliverReply reply = service_.CallWithBytes(RequestOf(
      {nameless.SerializeAsString(), "\xff", Bad([](Event& e) {
                                               e.set_event("Not In The Preset");
                                             }).SerializeAsString()}));
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
  ASSERT_THAT(reply.response.results(), SizeIs(3));
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_REJECTED);
  EXPECT_EQ(reply.response.results(1).outcome(), OUTCOME_REJECTED);
  EXPECT_EQ(reply.response.results(2).outcome(), OUTCOME_DROPPED);
  EXPECT_EQ(reply.response.results(2).reason(), REASON_NOT_MAPPED);
  EXPECT_EQ(mparticle_.connections(), 0);
}

}  // namespace
}  // namespace signal_delivery::server
