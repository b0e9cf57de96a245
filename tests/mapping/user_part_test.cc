// What a batch says of its user is made once for events that follow one another
// and are alike in it, but anew for each event that is explained. Nothing else
// may differ.
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "gtest/gtest.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/signal_json.h"
#include "mapping/source_event.h"
#include "tests/mapping/test_time.h"
#include "tests/support/random_choices.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::signal_delivery::support::RandomChoices;

constexpr char kGlobal[] = R"(
    - {source: user_id, target: user_identities.customer_id}
    - {source: anonymous_id, target: user_identities.other}
    - {source: context.ip, target: ip}
    - {source: traits.name, target: user_attributes.name}
    - {source: traits.plan, target: user_attributes.plan}
    - {source: traits.car.plate, target: user_attributes.plate}
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
  Serviced: {mappings: [
    {target: event_type, value: commerce_event},
    {target: data.product_action.action, value: view_detail},
    {source: traits.car, target: data.product_action.products, each: [
      {source: id, target: id}, {source: model, target: name}]}]}
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
  auto mapper = Mapper::Create(*config, {.api_key = "key",
                                         .send_lone_identifies = true,
                                         .delete_null_traits = true,
                                         .max_events_per_batch = 4});
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  return *std::move(mapper);
}

// Of so many users, in so many contexts: where there are few, many events in a
// row have the same.
Event RandomEvent(RandomChoices& choices, size_t users, size_t contexts) {
  static constexpr const char* kNames[] = {
      "A", "A", "A", "B", "Own user part", "No address", "Serviced", "Unknown"};
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
      "",
      "",
      "",
      R"(, "traits": {"name": "J", "plan": null})",
      R"(, "traits": {"plan": "gold"})",
      R"(, "traits": {"car": {"id": "c", "model": "T", "plate": "P"}})"};
  const std::string json = absl::StrCat(
      choices.OneIn(5) ? R"({"type": "identify")"
                       : absl::StrCat(R"({"type": "track", "event": ")",
                                      choices.Of(kNames), "\""),
      R"(, "timestamp": "2024-01-29T14:53:)", choices.Below(40) + 10,
      R"(Z", "properties": {"tier": )", choices.Below(2), "}, ",
      kUsers[choices.Below(users)], kContexts[choices.Below(contexts)],
      choices.Of(kTraits), "}");
  const auto event = EventFromJson(json);
  EXPECT_TRUE(event.ok()) << event.status() << json;
  return *event;
}

// What is sent, what becomes of each event, and what is said about it.
std::string TextOf(const MappedEvents& mapped) {
  std::string text;
  for (const PreparedBatch& batch : mapped.batches) {
    absl::StrAppend(&text, batch.body, "\n");
  }
  for (const EventFate& fate : mapped.fates) {
    absl::StrAppend(&text, static_cast<int>(fate.fate), "\n");
    for (const auto* findings :
         {&fate.findings.violations, &fate.findings.warnings}) {
      for (const Finding& finding : *findings) {
        absl::StrAppend(&text, finding.signal_path, " ", finding.mparticle_path,
                        " ", finding.description, "\n");
      }
    }
  }
  return text;
}

class UserPartTest : public testing::TestWithParam<const char*> {};

TEST_P(UserPartTest, IsTheSameWhetherMadeAnewOrNot) {
  const auto mapper = MakeMapper(GetParam());
  RandomChoices choices(11);
  for (int request = 0; request < 1000; ++request) {
    google::protobuf::Arena arena;
    EventReader reader(arena);
    std::deque<std::string> bytes;  // which stay where they are
    std::deque<SourceEvent> events;
    std::vector<const SourceEvent*> pointers;
    Event event;
    const size_t users = 1 + choices.Below(5);
    const size_t contexts = 1 + choices.Below(5);
    const int size = 2 + static_cast<int>(choices.Below(20));
    for (int i = 0; i < size; ++i) {
      // Often another event of one that is the same in all else.
      if (i == 0 || choices.OneIn(3))
        event = RandomEvent(choices, users, contexts);
      event.set_message_id(absl::StrCat("m", i));
      Event sent = event;
      // One that goes nowhere, and leaves nothing to those behind it.
      if (choices.OneIn(10)) sent.set_message_id(std::string(127'000, 'x'));
      bytes.push_back(sent.SerializeAsString());
      ASSERT_TRUE(reader.Read(bytes.back(), events.emplace_back()));
      pointers.push_back(&events.back());
    }
    ASSERT_EQ(TextOf(mapper->Map(pointers, kNow)),
              TextOf(mapper->Explain(pointers, kNow)))
        << "request " << request;
  }
}

INSTANTIATE_TEST_SUITE_P(All, UserPartTest, testing::ValuesIn(kGlobals));

}  // namespace
}  // namespace signal_delivery::mapping
