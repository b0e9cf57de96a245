// What a batch says of its user is made once for events that follow one another
// and are alike in it. Whether it is or not, nothing may differ: events as read
// from the wire, where it is, are mapped like messages, where it is not.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datafly/signal/v1/event.pb.h"
#include "gtest/gtest.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/signal_json.h"
#include "tests/mapping/test_time.h"
#include "tests/support/random_choices.h"
#include "tests/support/typed_properties.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::signal_delivery::support::DifferenceByForm;
using ::signal_delivery::support::RandomChoices;

constexpr char kGlobal[] = R"(
    - {source: user_id, target: user_identities.customer_id}
    - {source: anonymous_id, target: user_identities.other}
    - {source: context.ip, target: ip}
    - {source: traits.name, target: user_attributes.name}
    - {source: traits.plan, target: user_attributes.plan}
    - {source: message_id, target: data.source_message_id}
    - {source: timestamp, target: data.timestamp_unixtime_ms, transform: date_format, format: epoch_millis})";

constexpr char kEvents[] = R"(
  A: {mappings: &custom [
    {target: event_type, value: custom_event},
    {source: event, target: data.event_name},
    {target: data.custom_event_type, value: other}]}
  B: {mappings: *custom}
  "Own user part": {mappings: [
    {target: event_type, value: custom_event},
    {source: event, target: data.event_name},
    {target: data.custom_event_type, value: other},
    {source: properties.tier, target: user_attributes.tier}]}
  "No address": {mappings: [
    {target: event_type, value: custom_event},
    {source: event, target: data.event_name},
    {target: data.custom_event_type, value: other},
    {target: ip, remove: true}]}
)";

// One that all events are made with, and others that make some of them differ.
constexpr const char* kGlobals[] = {
    "",
    "\n    - {source: context.consent.ads, target: "
    "consent_state.gdpr.ads.consented}",
    "\n    - {source: properties.tier, target: user_attributes.tier}",
    "\n    - {source: event, target: user_attributes.last_event}",
};

std::unique_ptr<const Mapper> MakeMapper(const std::string& more_global) {
  const auto file = ConfigNode::Parse(
      absl::StrCat("version: 2\nglobal:\n  mappings:", kGlobal, more_global,
                   "\nevents:", kEvents),
      "case.yaml");
  EXPECT_TRUE(file.ok()) << file.status();
  const auto config = LoadMappings(*file);
  EXPECT_TRUE(config.ok()) << config.status();
  auto mapper =
      Mapper::Create(*config, {.api_key = "key", .delete_null_traits = true});
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  return *std::move(mapper);
}

// Few users in few contexts, so that many events in a row have the same.
Event RandomEvent(RandomChoices& choices, int index) {
  static constexpr const char* kNames[] = {
      "A", "A", "A", "B", "Own user part", "No address"};
  static constexpr const char* kUsers[] = {
      R"("userId": "u1")", R"("userId": "u1")",
      R"("userId": "u1", "anonymousId": "a1")", R"("anonymousId": "a1")",
      R"("userId": "u2")"};
  static constexpr const char* kContexts[] = {
      "",
      R"(, "context": {"ip": "203.0.113.5"})",
      R"(, "context": {"ip": "203.0.113.5"})",
      R"(, "context": {"ip": "no address"})",
      R"(, "context": {"consent": {"ads": true}})",
  };
  static constexpr const char* kTraits[] = {
      "", "", "", R"(, "traits": {"name": "J", "plan": null})",
      R"(, "traits": {"plan": "gold"})"};
  const std::string json = absl::StrCat(
      choices.OneIn(5) ? R"({"type": "identify")"
                       : absl::StrCat(R"({"type": "track", "event": ")",
                                      choices.Of(kNames), "\""),
      R"(, "messageId": "m)", index, R"(", "timestamp": "2024-01-29T14:53:)",
      choices.Below(40) + 10, R"(Z", "properties": {"tier": )",
      choices.Below(2), "}, ", choices.Of(kUsers), choices.Of(kContexts),
      choices.Of(kTraits), "}");
  const auto event = EventFromJson(json);
  EXPECT_TRUE(event.ok()) << event.status() << json;
  return *event;
}

class UserPartTest : public testing::TestWithParam<const char*> {};

TEST_P(UserPartTest, IsTheSameWhetherMadeAnewOrNot) {
  const auto mapper = MakeMapper(GetParam());
  RandomChoices choices(11);
  for (int request = 0; request < 300; ++request) {
    std::vector<Event> events;
    const size_t size = 2 + choices.Below(10);
    while (events.size() < size) {
      // What came before comes again, mostly in another event.
      events.push_back(events.empty() || choices.OneIn(3)
                           ? RandomEvent(choices, events.size())
                           : events.back());
      events.back().set_message_id(absl::StrCat("m", events.size()));
    }
    ASSERT_EQ(DifferenceByForm(*mapper, events, kNow), "")
        << "request " << request;
  }
}

INSTANTIATE_TEST_SUITE_P(All, UserPartTest, testing::ValuesIn(kGlobals));

}  // namespace
}  // namespace signal_delivery::mapping
