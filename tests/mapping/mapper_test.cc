// What the golden table cannot say in JSON: numbers and texts that JSON does
// not know, and the use from several threads.
#include "mapping/mapper.h"

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/mapping_config.h"
#include "nlohmann/json.hpp"
#include "tests/mapping/test_time.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Cut off within a character.
constexpr char kNoUtf8[] = "Gr\xC3";

std::unique_ptr<const Mapper> DefaultMapper() {
  absl::StatusOr<MappingConfig> config = LoadPreset("default");
  EXPECT_TRUE(config.ok()) << config.status();
  auto mapper = Mapper::Create(*config, {.api_key = "key"});
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  return *std::move(mapper);
}

MappedEvents Map(const std::vector<Event>& events) {
  std::vector<const Event*> pointers;
  for (const Event& event : events) pointers.push_back(&event);
  return DefaultMapper()->Map(pointers, kNow);
}

Event Track(const std::string& name) {
  Event event;
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_event(name);
  event.set_user_id("u1");
  event.set_message_id("m1");
  event.mutable_timestamp()->set_seconds(1706540000);
  return event;
}

google::protobuf::Value& Property(Event& event, const std::string& name) {
  return (*event.mutable_properties()->mutable_fields())[name];
}

// The event's `data` in the only batch.
json DataOf(const MappedEvents& mapped) {
  EXPECT_THAT(mapped.batches, SizeIs(1));
  return json::parse(mapped.batches.at(0).body)["events"][0]["data"];
}

TEST(MapperTest, ANumberThatIsNotFiniteIsLeftOutAndTheEventGoes) {
  Event event = Track("Order Completed");
  Property(event, "revenue").set_number_value(kNan);
  Property(event, "tax").set_number_value(-kInfinity);
  Property(event, "shipping").set_number_value(4.5);
  const MappedEvents mapped = Map({event});

  EXPECT_EQ(DataOf(mapped)["product_action"],
            json({{"action", "purchase"}, {"shipping_amount", 4.5}}));
  const std::vector<Finding>& warnings = mapped.fates[0].findings.warnings;
  ASSERT_THAT(warnings, SizeIs(2));
  EXPECT_EQ(warnings[0].signal_path, "properties.revenue");
  EXPECT_EQ(warnings[0].mparticle_path, "data.product_action.total_amount");
  EXPECT_EQ(warnings[0].description, "is not a finite number; left out");
  EXPECT_EQ(warnings[1].signal_path, "properties.tax");
}

TEST(MapperTest, ANumberThatIsNotFiniteIsNoTextEither) {
  Event event = Track("Order Completed");
  Property(event, "order_id").set_number_value(kNan);
  const MappedEvents mapped = Map({event});
  EXPECT_FALSE(DataOf(mapped)["product_action"].contains("transaction_id"));
  EXPECT_THAT(mapped.fates[0].findings.warnings, SizeIs(1));
}

TEST(MapperTest, ANumberThatIsNotFiniteIsNoCustomAttribute) {
  Event event = Track("Logged In");
  Property(event, "ratio").set_number_value(kInfinity);
  const MappedEvents mapped = Map({event});
  EXPECT_FALSE(DataOf(mapped).contains("custom_attributes"));
  ASSERT_THAT(mapped.fates[0].findings.warnings, SizeIs(1));
  const Finding& warning = mapped.fates[0].findings.warnings[0];
  EXPECT_EQ(warning.signal_path, "properties.ratio");
  EXPECT_EQ(warning.mparticle_path, "data.custom_attributes.ratio");
}

TEST(MapperTest, ANumberThatIsNotFiniteIsNullInAListThatBecomesText) {
  Event event = Track("Logged In");
  auto& list = *Property(event, "ratios").mutable_list_value();
  list.add_values()->set_number_value(kNan);
  list.add_values()->set_number_value(0.5);
  EXPECT_EQ(DataOf(Map({event}))["custom_attributes"]["ratios"], "[null,0.5]");
}

TEST(MapperTest, ATextThatIsNotUtf8IsRejectedNamingTheField) {
  Event event = Track("Logged In");
  Property(event, "city").set_string_value(kNoUtf8);
  const MappedEvents mapped = Map({event, Track("Logged In")});
  EXPECT_THAT(mapped.batches, SizeIs(1));
  EXPECT_EQ(mapped.fates[0].fate, Fate::kInvalid);
  ASSERT_THAT(mapped.fates[0].findings.violations, SizeIs(1));
  const Finding& violation = mapped.fates[0].findings.violations[0];
  EXPECT_EQ(violation.mparticle_path, "data.custom_attributes.city");
  EXPECT_EQ(violation.description, "is not UTF-8");
  EXPECT_EQ(mapped.fates[1].fate, Fate::kBatched);
}

TEST(MapperTest, AUserIdThatIsNotUtf8IsRejectedNamingTheField) {
  Event event = Track("Logged In");
  event.set_user_id(kNoUtf8);
  const MappedEvents mapped = Map({event});
  EXPECT_EQ(mapped.fates[0].fate, Fate::kInvalid);
  ASSERT_THAT(mapped.fates[0].findings.violations, SizeIs(1));
  EXPECT_EQ(mapped.fates[0].findings.violations[0].mparticle_path,
            "user_identities.customer_id");
}

TEST(MapperTest, ATypeThatDoesNotExistIsRejected) {
  Event event = Track("Logged In");
  event.set_type(static_cast<datafly::signal::v1::EventType>(99));
  const MappedEvents mapped = Map({event});
  EXPECT_EQ(mapped.fates[0].fate, Fate::kInvalid);
  ASSERT_THAT(mapped.fates[0].findings.violations, SizeIs(1));
  EXPECT_EQ(mapped.fates[0].findings.violations[0].signal_path, "type");
}

TEST(MapperTest, ATimeThatDoesNotExistIsRejected) {
  std::vector<Event> events(4, Track("Logged In"));
  events[0].mutable_timestamp()->set_seconds(253402300800);  // year 10000
  events[1].mutable_timestamp()->set_seconds(-62135596801);  // before year 1
  events[2].mutable_timestamp()->set_nanos(-1);
  events[3].mutable_timestamp()->set_nanos(1'000'000'000);
  const MappedEvents mapped = Map(events);
  EXPECT_THAT(mapped.batches, IsEmpty());
  for (const EventFate& fate : mapped.fates) {
    EXPECT_EQ(fate.fate, Fate::kInvalid);
    ASSERT_THAT(fate.findings.violations, SizeIs(1));
    EXPECT_EQ(fate.findings.violations[0].signal_path, "timestamp");
  }
}

TEST(MapperTest, TheFirstAndTheLastTimeThereIsAreSent) {
  Event event = Track("Logged In");
  event.mutable_timestamp()->set_seconds(253402300799);
  event.mutable_timestamp()->set_nanos(999'999'999);
  EXPECT_EQ(DataOf(Map({event}))["timestamp_unixtime_ms"], 253402300799999);
  event.mutable_timestamp()->set_seconds(-62135596800);
  event.mutable_timestamp()->set_nanos(0);
  EXPECT_EQ(DataOf(Map({event}))["timestamp_unixtime_ms"], -62135596800000);
}

TEST(MapperTest, AValueThatIsNotSetIsNoValue) {
  Event event = Track("Logged In");
  Property(event, "method");
  EXPECT_FALSE(DataOf(Map({event})).contains("custom_attributes"));
}

TEST(MapperTest, ADroppedEventSaysWhichConsentWasNotGranted) {
  absl::StatusOr<MappingConfig> config = LoadPreset("default");
  ASSERT_TRUE(config.ok());
  Mapper::Options options;
  options.consent.required = {"analytics", "marketing"};
  const auto mapper = Mapper::Create(*config, options);
  ASSERT_TRUE(mapper.ok());
  Event event = Track("Logged In");
  auto& categories =
      *event.mutable_context()->mutable_consent()->mutable_categories();
  categories["analytics"] = true;
  categories["marketing"] = false;
  const Event* const pointer = &event;
  EXPECT_EQ((*mapper)->Map({&pointer, 1}, kNow).fates[0].consent_category,
            "marketing");
}

TEST(MapperTest, FindingsHoldNoValues) {
  Event event = Track("Order Completed");
  event.mutable_context()->set_ip("secret-1");
  for (const char* name : {"revenue", "tax", "shipping", "products"}) {
    Property(event, name).set_string_value("secret-2");
  }
  Property(event, "order_id").set_number_value(31337);
  Property(event, "currency")
      .mutable_list_value()
      ->add_values()
      ->set_string_value("secret-3");
  const MappedEvents mapped = Map({event});
  EXPECT_THAT(mapped.fates[0].findings.warnings, SizeIs(7));
  for (const Finding& finding : mapped.fates[0].findings.warnings) {
    EXPECT_THAT(finding.description, testing::Not(HasSubstr("secret")));
    EXPECT_THAT(finding.description, testing::Not(HasSubstr("31337")));
  }
}

TEST(MapperTest, SeveralThreadsMayMapAtOnce) {
  const auto mapper = DefaultMapper();
  const auto body_of = [&](const std::string& message_id) {
    Event event = Track("Order Completed");
    event.set_message_id(message_id);
    Property(event, "channel").set_string_value("web");
    const Event* const pointer = &event;
    return mapper->Map({&pointer, 1}, kNow).batches.at(0).body;
  };
  constexpr int kThreads = 4;
  std::vector<std::string> bodies(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        bodies[i] = body_of(absl::StrCat("m", i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kThreads; ++i) {
    EXPECT_EQ(bodies[i], body_of(absl::StrCat("m", i)));
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
