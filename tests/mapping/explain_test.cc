// An explanation says of every field of the batch where it comes from, and of
// every property and trait that is not in it why.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/signal_json.h"
#include "tests/mapping/test_time.h"

namespace signal_delivery::mapping {
namespace {

using ::nlohmann::json;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kConfig[] = R"(
global:
  mappings:
    - {source: traits.plan, target: user_attributes.plan, default: free}
events:
  Logged In:
    mappings:
      - {source: properties.method, target: data.custom_attributes.how, transform: [trim, lowercase]}
)";

constexpr char kEvents[] = R"([
  {"type": "identify", "userId": "u1", "traits": {"email": "a@b.example", "shoe_size": 43}, "messageId": "m0",
   "timestamp": "2024-01-29T14:53:19Z"},
  {"type": "track", "event": "Logged In", "userId": "u1", "messageId": "m1", "timestamp": "2024-01-29T14:53:20Z",
   "context": {"ip": "localhost", "consent": {"marketing": true}},
   "properties": {"method": " Email ", "none": null, "tags": ["a"]}},
  {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m2",
   "timestamp": "2024-01-29T14:53:21Z",
   "properties": {"revenue": "12.5", "products": [{"name": ""}, {"product_id": 7, "size": "L"}]}}
])";

MappedEvents Explain(const char* yaml = kConfig) {
  auto file = ConfigNode::Parse(yaml, "acme.yaml");
  EXPECT_TRUE(file.ok()) << file.status();
  const auto config = LoadMappings(*file);
  EXPECT_TRUE(config.ok()) << config.status();
  const auto mapper = Mapper::Create(*config, {});
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  const auto events = EventsFromJson(kEvents);
  EXPECT_TRUE(events.ok()) << events.status();
  std::vector<const datafly::signal::v1::Event*> pointers;
  for (const auto& event : *events) pointers.push_back(&event);
  return (*mapper)->Explain(pointers, kNow);
}

// "data.event_name <- event [as it is; acme.yaml:1:1]"
std::vector<std::string> Lines(const EventFate& fate) {
  std::vector<std::string> lines;
  for (const FieldOrigin& origin : fate.origins) {
    lines.push_back(absl::StrCat(origin.left_out ? "left out: " : "",
                                 origin.mparticle_path, " <- ",
                                 origin.signal_path, " [", origin.description,
                                 "; ", origin.made_by, "]"));
  }
  return lines;
}

TEST(ExplainTest, NamesTheMappingThatMadeAField) {
  const std::vector<std::string> lines = Lines(Explain().fates[1]);
  EXPECT_THAT(lines, Contains("data.custom_attributes.how <- properties.method "
                              "[trim, lowercase; acme.yaml:8:9]"));
  EXPECT_THAT(lines, Contains("user_attributes.plan <-  [the default; "
                              "acme.yaml:4:7]"));
  EXPECT_THAT(lines, Contains("user_identities.customer_id <- user_id [as it "
                              "is; preset:default:14:7]"));
}

TEST(ExplainTest, NamesTheRuleWhereNoMappingMadeIt) {
  const std::vector<std::string> lines = Lines(Explain().fates[1]);
  EXPECT_THAT(lines, Contains("data.custom_attributes.tags <- properties.tags "
                              "[as JSON text; rule: what no mapping takes]"));
  EXPECT_THAT(lines, Contains("environment <-  [parameters.environment of the "
                              "integration; the service]"));
}

TEST(ExplainTest, SaysWhatIsLeftOutAndWhy) {
  const std::vector<std::string> lines = Lines(Explain().fates[1]);
  EXPECT_THAT(lines, Contains("left out: data.custom_attributes.none <- "
                              "properties.none [null; rule: what no mapping "
                              "takes]"));
  EXPECT_THAT(lines, Contains("left out:  <- traits.shoe_size [no mapping "
                              "takes it; ]"));
  EXPECT_THAT(lines, Contains("left out: ip <- context.ip [is not an IPv4 or "
                              "IPv6 address; left out; rule: ip_address]"));
}

TEST(ExplainTest, NamesThePlaceOfAnElementInBothLists) {
  const std::vector<std::string> lines = Lines(Explain().fates[2]);
  EXPECT_THAT(lines, Contains("data.product_action.products[0].id <- "
                              "properties.products[1].product_id [as it is; "
                              "preset:default:73:13]"));
}

// Paths of all single values below `node`.
void Leaves(const json& node, const std::string& path,
            std::set<std::string>& leaves) {
  if (node.is_object() && !node.empty()) {
    for (const auto& [name, child] : node.items()) {
      Leaves(child, path.empty() ? name : absl::StrCat(path, ".", name),
             leaves);
    }
  } else if (node.is_array()) {
    for (size_t i = 0; i < node.size(); ++i) {
      Leaves(node[i], absl::StrCat(path, "[", i, "]"), leaves);
    }
  } else {
    leaves.insert(path);
  }
}

TEST(ExplainTest, LeavesNoFieldOfABatchOut) {
  const MappedEvents mapped = Explain();
  ASSERT_THAT(mapped.batches, Not(IsEmpty()));
  for (const PreparedBatch& batch : mapped.batches) {
    json body = json::parse(batch.body);
    const json events = body["events"];
    body.erase("events");
    for (size_t e = 0; e < batch.events.size(); ++e) {
      std::set<std::string> leaves;
      Leaves(body, "", leaves);
      Leaves(events[e]["data"], "data", leaves);
      std::set<std::string> explained;
      for (const FieldOrigin& origin : mapped.fates[batch.events[e]].origins) {
        if (!origin.left_out) explained.insert(origin.mparticle_path);
      }
      EXPECT_EQ(leaves, explained);
    }
  }
}

TEST(ExplainTest, APartThatIsLeftOutTakesNoOtherWithIt) {
  const std::vector<std::string> lines = Lines(Explain(R"(
global:
  mappings:
    - {source: context.consent.sales, target: consent_state.gdpr.ad.consented}
    - {value: v1, target: consent_state.gdpr.ad.document}
    - {source: context.consent.marketing, target: consent_state.gdpr.ads.consented}
)")
                                                   .fates[1]);
  EXPECT_THAT(lines, Contains("consent_state.gdpr.ads.consented <- "
                              "context.consent.marketing [as it is; "
                              "acme.yaml:6:7]"));
  EXPECT_THAT(
      lines,
      Not(Contains(testing::StartsWith("consent_state.gdpr.ad.document"))));
}

constexpr char kFullConfig[] = R"(
drop_properties: [secret]
null_traits: delete
global:
  mappings:
    - {source: traits.plan, target: user_attributes.plan}
    - {source: traits.kind, target: user_attributes.kind, value_map: {x: null}}
    - {source: context.consent.sales, target: consent_state.ccpa.data_sale_opt_out.consented}
    - {source: context.campaign.medium, target: consent_state.ccpa.data_sale_opt_out.document}
)";

constexpr char kFullEvent[] = R"({
  "type": "track", "event": "Order Completed", "name": "n", "userId": "u1", "anonymousId": "", "groupId": "g1",
  "messageId": "m1", "timestamp": "2024-01-29T14:53:20Z",
  "traits": {"email": "", "phone": null, "plan": "gold", "kind": "x", "firstName": "Jane",
             "address": {"city": "Bonn", "zip": null, "geo": {}}},
  "context": {
    "ip": "", "userAgent": "agent", "locale": "de-DE", "timezone": "Europe/Berlin",
    "page": {"url": "https://acme.example/a", "path": "/a", "referrer": "", "title": "A", "search": "?a"},
    "device": {"type": "mobile", "manufacturer": "m", "model": "x"},
    "campaign": {"source": "s", "medium": "m", "name": "n", "term": "t", "content": "c"},
    "consent": {"marketing": true, "functional": false}},
  "properties": {
    "order_id": "o1", "revenue": null, "total": 5, "coupon": " ", "tax": "none", "shipping": "4.5", "secret": "s",
    "empty": {}, "nested": {"a": 1, "b": null, "c": ""}, "tags": ["a", "b"], "none": null,
    "products": [{"name": "", "brand": null}, {"product_id": 7, "category": "", "size": "L", "price": "x"}, 5]}
})";

// The path of a leaf of Signal's JSON as findings and origins have it.
std::string SignalPathOf(const std::string& leaf) {
  if (leaf.rfind("traits.", 0) == 0 || leaf.rfind("properties.", 0) == 0) {
    return leaf;
  }
  std::string path;
  for (const char c : leaf) {
    if (absl::ascii_isupper(c)) path += '_';
    path += absl::ascii_tolower(c);
  }
  return path;
}

// Whether `path` is `leaf` or what it is a part of.
bool Covers(const std::string& path, const std::string& leaf) {
  return leaf.rfind(path, 0) == 0 &&
         (leaf.size() == path.size() || leaf[path.size()] == '.' ||
          leaf[path.size()] == '[');
}

TEST(ExplainTest, LosesNothingOfAnEvent) {
  auto file = ConfigNode::Parse(kFullConfig, "acme.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto config = LoadMappings(*file);
  ASSERT_TRUE(config.ok()) << config.status();
  const auto mapper = Mapper::Create(*config, {});
  ASSERT_TRUE(mapper.ok()) << mapper.status();
  const auto events = EventsFromJson(kFullEvent);
  ASSERT_TRUE(events.ok()) << events.status();
  const MappedEvents mapped = (*mapper)->Explain({&(*events)[0]}, kNow);
  ASSERT_EQ(mapped.fates[0].fate, Fate::kBatched);

  json event = json::parse(kFullEvent);
  // These chose the mapping.
  event.erase("type");
  event.erase("event");
  std::set<std::string> leaves;
  Leaves(event, "", leaves);
  for (const std::string& leaf : leaves) {
    const std::string path = SignalPathOf(leaf);
    EXPECT_TRUE(std::any_of(mapped.fates[0].origins.begin(),
                            mapped.fates[0].origins.end(),
                            [&](const FieldOrigin& origin) {
                              return !origin.signal_path.empty() &&
                                     Covers(origin.signal_path, path);
                            }))
        << path;
  }
  const std::vector<std::string> lines = Lines(mapped.fates[0]);
  EXPECT_THAT(lines, Contains("left out:  <- context.page.title [no mapping "
                              "takes it; ]"));
  EXPECT_THAT(lines, Contains("left out:  <- context.consent.functional [no "
                              "mapping takes it; ]"));
  EXPECT_THAT(lines, Contains("left out:  <- group_id [no mapping takes it; "
                              "]"));
  EXPECT_THAT(lines, Contains("left out:  <- properties.secret [dropped; "
                              "drop_properties]"));
  EXPECT_THAT(lines, Contains("left out: user_attributes.kind <- traits.kind "
                              "[value_map; acme.yaml:7:7]"));
  EXPECT_THAT(lines, Contains("left out: user_identities.email <- "
                              "traits.email [an empty text; "
                              "preset:default:16:7]"));
  EXPECT_THAT(lines, Contains("left out: data.product_action.total_amount <- "
                              "properties.revenue [null; "
                              "preset:default:124:9]"));
}

TEST(ExplainTest, SaysOfALoneIdentifyWhatItLosesToo) {
  auto file = ConfigNode::Parse("{}", "acme.yaml");
  const auto config = LoadMappings(*file);
  const auto mapper = Mapper::Create(*config, {.send_lone_identifies = true});
  const auto events = EventsFromJson(R"({
    "type": "identify", "userId": "u1", "messageId": "m0", "groupId": "g1",
    "timestamp": "2024-01-29T14:53:19Z", "traits": {"shoe_size": 43},
    "properties": {"a": {"b": 1}}})");
  ASSERT_TRUE(events.ok()) << events.status();
  const std::vector<std::string> lines =
      Lines((*mapper)->Explain({&(*events)[0]}, kNow).fates[0]);
  for (const char* path : {"group_id", "traits.shoe_size", "properties.a.b"}) {
    EXPECT_THAT(lines, Contains(absl::StrCat("left out:  <- ", path,
                                             " [no mapping takes it; ]")));
  }
}

TEST(ExplainTest, ANullTraitThatDeletesItsAttributeIsNotLeftOut) {
  auto file = ConfigNode::Parse(kConfig, "acme.yaml");
  const auto config = LoadMappings(*file);
  const auto mapper = Mapper::Create(*config, {.delete_null_traits = true});
  const auto events = EventsFromJson(R"({
    "type": "track", "event": "Logged In", "userId": "u1", "messageId": "m0",
    "timestamp": "2024-01-29T14:53:19Z", "traits": {"phone": null}})");
  ASSERT_TRUE(events.ok()) << events.status();
  const std::vector<std::string> lines =
      Lines((*mapper)->Explain({&(*events)[0]}, kNow).fates[0]);
  EXPECT_THAT(lines, Contains(testing::StartsWith(
                         "deleted_user_attributes[0] <- traits.phone")));
  EXPECT_THAT(
      lines,
      Not(Contains(testing::HasSubstr("left out: user_attributes.$mobile"))));
}

TEST(ExplainTest, SaysNothingAboutEventsThatAreNotSent) {
  EXPECT_THAT(Explain().fates[0].origins, IsEmpty());
}

}  // namespace
}  // namespace signal_delivery::mapping
