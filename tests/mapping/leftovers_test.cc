// What no mapping takes becomes attributes. Mostly all of it goes just as it
// stands; an explanation looks at each. Both must come to the same at every
// limit, and keep mParticle's rules (see MapAndCheck).
#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "mapping/config_node.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "nlohmann/json.hpp"
#include "tests/mapping/test_time.h"
#include "tests/support/mapping_rules.h"
#include "tests/support/typed_properties.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Struct;
using ::google::protobuf::Value;
using ::nlohmann::json;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kMaxAttributes = 100;
constexpr size_t kMaxNameCharacters = 256;
constexpr size_t kMaxTextCharacters = 4096;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr char kConfig[] = R"(
drop_properties: [secret, address.street]
events:
  Made:
    mappings:
      - {target: event_type, value: custom_event}
      - {target: data.event_name, value: made}
      - {target: data.custom_event_type, value: other}
      - {source: properties.method, target: data.custom_attributes.how}
  Traits Twice:
    mappings:
      - {target: event_type, value: commerce_event}
      - {target: data.product_action.action, value: view_detail}
      - {source: traits, target: data.product_action.products, each: [
          {source: id, target: id}, {source: model, target: name}]}
      - {source: traits, target: data.shopping_cart.products, each: [
          {source: model, target: id}, {source: id, target: name}]}
)";

std::unique_ptr<const Mapper> MakeMapper() {
  const auto file = ConfigNode::Parse(kConfig, "acme.yaml");
  EXPECT_TRUE(file.ok()) << file.status();
  const auto config = LoadMappings(*file);
  EXPECT_TRUE(config.ok()) << config.status();
  auto mapper = Mapper::Create(*config, {.api_key = "key"});
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  return *std::move(mapper);
}

// Expects the same of events that are mapped and explained, as messages and
// from the wire, by name and by type.
MappedEvents MapInEveryWay(const std::vector<Event>& events) {
  static const auto& mapper = *MakeMapper().release();
  std::vector<std::string> broken;
  MappedEvents mapped = support::MapAndCheck(mapper, events, kNow, broken);
  EXPECT_THAT(broken, IsEmpty());
  EXPECT_EQ(support::DifferenceByForm(mapper, events, kNow), "");
  return mapped;
}

Event NewEvent(datafly::signal::v1::EventType type) {
  Event event;
  event.set_type(type);
  event.set_user_id("u1");
  event.set_message_id("m1");
  event.mutable_timestamp()->set_seconds(1706540000);
  return event;
}

Event Track(const std::string& name) {
  Event event = NewEvent(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_event(name);
  return event;
}

Value& Property(Event& event, const std::string& name) {
  return (*event.mutable_properties()->mutable_fields())[name];
}

Value Text(std::string text) {
  Value value;
  value.set_string_value(std::move(text));
  return value;
}

Value Number(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

Value Boolean(bool boolean) {
  Value value;
  value.set_bool_value(boolean);
  return value;
}

Value Null() {
  Value value;
  value.set_null_value(google::protobuf::NULL_VALUE);
  return value;
}

Value Object(const std::string& name, const Value& member) {
  Value value;
  (*value.mutable_struct_value()->mutable_fields())[name] = member;
  return value;
}

Value EmptyObject() {
  Value value;
  value.mutable_struct_value();
  return value;
}

Value List(const std::vector<Value>& elements) {
  Value value;
  value.mutable_list_value();
  for (const Value& element : elements) {
    *value.mutable_list_value()->add_values() = element;
  }
  return value;
}

// `count` characters, each of two bytes.
std::string TwoByteCharacters(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "\xC3\xA4";
  return text;
}

// Texts under so many names.
void AddTexts(size_t count, Struct& object) {
  for (size_t i = 0; i < count; ++i) {
    (*object.mutable_fields())[absl::StrCat("text_", i)] = Text("x");
  }
}

struct Outcome {
  json attributes;
  size_t warnings = 0;
};

// What becomes of the event's properties.
Outcome Map(const Event& event) {
  const MappedEvents mapped = MapInEveryWay({event});
  if (mapped.batches.size() != 1) {
    ADD_FAILURE() << "no batch";
    return {};
  }
  const json body = json::parse(mapped.batches[0].body);
  return {body["events"][0]["data"].value("custom_attributes", json::object()),
          mapped.fates[0].findings.warnings.size()};
}

// What becomes of one among others, which go in any case.
Outcome MapBesideOthers(const std::string& name, const Value& value) {
  Event event = Track("Logged In");
  Property(event, "!first") = Text("a");
  Property(event, "~last") = Boolean(false);
  Property(event, name) = value;
  Outcome outcome = Map(event);
  EXPECT_EQ(outcome.attributes["!first"], "a");
  EXPECT_EQ(outcome.attributes["~last"], false);
  outcome.attributes.erase("!first");
  outcome.attributes.erase("~last");
  return outcome;
}

TEST(LeftoversTest, AsManyGoAsMparticleTakes) {
  for (const size_t count : {kMaxAttributes - 1, kMaxAttributes,
                             kMaxAttributes + 1, 2 * kMaxAttributes}) {
    SCOPED_TRACE(count);
    Event event = Track("Logged In");
    AddTexts(count, *event.mutable_properties());
    const Outcome outcome = Map(event);
    EXPECT_THAT(outcome.attributes, SizeIs(std::min(count, kMaxAttributes)));
    EXPECT_EQ(outcome.warnings, count > kMaxAttributes ? 1u : 0u);
  }
}

TEST(LeftoversTest, WhatAMappingTookIsNotLeftOver) {
  for (const size_t count :
       {kMaxAttributes - 1, kMaxAttributes, kMaxAttributes + 1}) {
    SCOPED_TRACE(count);
    Event event = NewEvent(datafly::signal::v1::EVENT_TYPE_PAGE);
    AddTexts(count, *event.mutable_properties());
    Property(event, "title") = Text("Home");
    const Outcome outcome = Map(event);
    EXPECT_THAT(outcome.attributes, SizeIs(std::min(count, kMaxAttributes)));
    EXPECT_FALSE(outcome.attributes.contains("title"));
    EXPECT_EQ(outcome.warnings, count > kMaxAttributes ? 1u : 0u);
  }
}

TEST(LeftoversTest, WhereAMappingTookAllThereAreNoAttributes) {
  Event event = NewEvent(datafly::signal::v1::EVENT_TYPE_PAGE);
  Property(event, "title") = Text("Home");
  EXPECT_THAT(Map(event).attributes, IsEmpty());
}

TEST(LeftoversTest, ANameHasAsManyCharactersAsMparticleTakes) {
  const std::string ascii(kMaxNameCharacters - 1, 'n');
  for (const std::string& name : {ascii, ascii + "n", ascii + "\xC3\xA4",
                                  TwoByteCharacters(kMaxNameCharacters / 2),
                                  TwoByteCharacters(kMaxNameCharacters)}) {
    const Outcome outcome = MapBesideOthers(name, Text("x"));
    EXPECT_EQ(outcome.attributes, json({{name, "x"}}));
    EXPECT_EQ(outcome.warnings, 0u) << name;
  }
  for (const std::string& name : {ascii + "nn", ascii + "\xC3\xA4n",
                                  TwoByteCharacters(kMaxNameCharacters + 1)}) {
    const Outcome outcome = MapBesideOthers(name, Text("x"));
    EXPECT_THAT(outcome.attributes, IsEmpty());
    EXPECT_EQ(outcome.warnings, 1u) << name;
  }
}

TEST(LeftoversTest, ATextIsCutWhereMparticleWould) {
  const std::string ascii(kMaxTextCharacters, 'x');
  const std::string two_bytes = TwoByteCharacters(kMaxTextCharacters);
  for (const std::string& text :
       {ascii, TwoByteCharacters(kMaxTextCharacters / 2), two_bytes}) {
    const Outcome outcome = MapBesideOthers("text", Text(text));
    EXPECT_EQ(outcome.attributes["text"], text);
    EXPECT_EQ(outcome.warnings, 0u);
  }
  for (const std::string& text : {ascii, two_bytes}) {
    const Outcome outcome = MapBesideOthers("text", Text(text + "x"));
    EXPECT_EQ(outcome.attributes["text"], text);
    EXPECT_EQ(outcome.warnings, 1u);
  }
}

TEST(LeftoversTest, EachKindOfValueHasItsWay) {
  const struct {
    Value value;
    json attributes;
    size_t warnings = 0;
  } kCases[] = {
      {Text(""), {{"a", ""}}},
      {Text("\"\n\\"), {{"a", "\"\n\\"}}},
      {Number(0), {{"a", 0}}},
      {Number(-0.5), {{"a", -0.5}}},
      {Number(std::numeric_limits<double>::max()),
       {{"a", std::numeric_limits<double>::max()}}},
      {Boolean(true), {{"a", true}}},
      {Number(kNan), json::object(), 1},
      {Number(kInfinity), json::object(), 1},
      {Number(-kInfinity), json::object(), 1},
      {Null(), json::object()},
      {Value(), json::object()},
      {EmptyObject(), json::object()},
      {Object("b", Number(1)), {{"a.b", 1}}},
      {Object("b", Object("c", Text("x"))), {{"a.b.c", "x"}}},
      {Object("b", Number(kNan)), json::object(), 1},
      {Object("b", Null()), json::object()},
      {Object(std::string(kMaxNameCharacters - 2, 'b'), Number(1)),
       {{"a." + std::string(kMaxNameCharacters - 2, 'b'), 1}}},
      {Object(std::string(kMaxNameCharacters - 1, 'b'), Number(1)),
       json::object(), 1},
      {List({}), {{"a", "[]"}}},
      {List({Number(1), Text("x"), Null()}), {{"a", R"([1,"x",null])"}}},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.value.ShortDebugString());
    const Outcome outcome = MapBesideOthers("a", one.value);
    EXPECT_EQ(outcome.attributes, one.attributes);
    EXPECT_EQ(outcome.warnings, one.warnings);
  }
}

TEST(LeftoversTest, OfTwoWithOneNameTheFirstGoes) {
  Event event = Track("Logged In");
  Property(event, "a") = Object("b", Number(1));
  Property(event, "a.b") = Number(2);
  Property(event, "a.b.c") = Number(3);
  const Outcome outcome = Map(event);
  EXPECT_EQ(outcome.attributes, json({{"a.b", 1}, {"a.b.c", 3}}));
  EXPECT_EQ(outcome.warnings, 1u);
}

TEST(LeftoversTest, AnAttributeThatAMappingMadeStays) {
  Event event = Track("Made");
  Property(event, "method") = Text("made");
  Property(event, "how") = Text("left over");
  Property(event, "size") = Number(1);
  const Outcome outcome = Map(event);
  EXPECT_EQ(outcome.attributes, json({{"how", "made"}, {"size", 1}}));
  EXPECT_EQ(outcome.warnings, 1u);

  event.mutable_properties()->mutable_fields()->erase("method");
  EXPECT_EQ(Map(event).attributes, json({{"how", "left over"}, {"size", 1}}));
}

TEST(LeftoversTest, AttributesThatMappingsMadeCount) {
  for (const size_t count : {kMaxAttributes - 1, kMaxAttributes}) {
    SCOPED_TRACE(count);
    Event event = Track("Made");
    AddTexts(count, *event.mutable_properties());
    Property(event, "method") = Text("made");
    const Outcome outcome = Map(event);
    EXPECT_THAT(outcome.attributes, SizeIs(kMaxAttributes));
    EXPECT_EQ(outcome.warnings, count + 1 > kMaxAttributes ? 1u : 0u);
  }
}

TEST(LeftoversTest, WhatIsDroppedIsNotLeftOver) {
  Event event = Track("Logged In");
  Property(event, "secret") = Text("s");
  Property(event, "size") = Number(1);
  EXPECT_EQ(Map(event).attributes, json({{"size", 1}}));

  Property(event, "address") = Object("street", Text("s"));
  EXPECT_EQ(Map(event).attributes, json({{"size", 1}}));
}

// A node keeps the first 16 bytes of a name beside it.
TEST(LeftoversTest, ComeInTheOrderOfTheirNamesWhateverTheseBeginWith) {
  Event event = Track("Logged In");
  for (const char* name :
       {"product_identifier_2", "product_identifier_10", "product_identifier_1",
        "product_identif", "product_identifi", "product", "Z", "\xC3\xA4",
        "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "~", ""}) {
    Property(event, name) = Text(name);
  }
  EXPECT_THAT(Map(event).attributes, SizeIs(12));
}

// What becomes of what stands beside a product's fields.
Outcome MapProduct(const Struct& beside) {
  Event event = Track("Order Completed");
  Property(event, "order_id") = Text("o1");
  Value product = Object("product_id", Text("p1"));
  product.mutable_struct_value()->mutable_fields()->insert(
      beside.fields().begin(), beside.fields().end());
  (*product.mutable_struct_value()->mutable_fields())["name"] = Text("Socks");
  Property(event, "products") = List({product, product});
  const MappedEvents mapped = MapInEveryWay({event});
  if (mapped.batches.size() != 1) {
    ADD_FAILURE() << "no batch";
    return {};
  }
  const json data = json::parse(mapped.batches[0].body)["events"][0]["data"];
  const json& products = data["product_action"]["products"];
  EXPECT_THAT(products, SizeIs(2));
  EXPECT_EQ(products[0], products[1]);
  EXPECT_EQ(products[0]["id"], "p1");
  return {products[0].value("custom_attributes", json::object()),
          mapped.fates[0].findings.warnings.size() / 2};
}

TEST(LeftoversTest, OfAProductAreTexts) {
  const struct {
    Value value;
    json attributes;
    size_t warnings = 0;
  } kCases[] = {
      {Text("L"), {{"a", "L"}}},
      {Text(std::string(kMaxTextCharacters + 1, 'x')),
       {{"a", std::string(kMaxTextCharacters + 1, 'x')}}},
      {Number(4.5), {{"a", "4.5"}}},
      {Boolean(true), {{"a", "true"}}},
      {Number(kNan), json::object(), 1},
      {Null(), json::object()},
      {EmptyObject(), json::object()},
      {Object("b", Text("x")), {{"a.b", "x"}}},
      {List({Number(1)}), {{"a", "[1]"}}},
  };
  for (const auto& one : kCases) {
    SCOPED_TRACE(one.value.ShortDebugString().substr(0, 100));
    Struct beside;
    (*beside.mutable_fields())["!first"] = Text("x");
    (*beside.mutable_fields())["~last"] = Text("y");
    (*beside.mutable_fields())["a"] = one.value;
    json expected = one.attributes;
    expected["!first"] = "x";
    expected["~last"] = "y";
    const Outcome outcome = MapProduct(beside);
    EXPECT_EQ(outcome.attributes, expected);
    EXPECT_EQ(outcome.warnings, one.warnings);
  }
}

TEST(LeftoversTest, OfAProductMayBeMoreAndHaveLongerNames) {
  Struct beside;
  AddTexts(kMaxAttributes + 1, beside);
  (*beside.mutable_fields())[std::string(kMaxNameCharacters + 1, 'n')] =
      Text("x");
  const Outcome outcome = MapProduct(beside);
  EXPECT_THAT(outcome.attributes, SizeIs(kMaxAttributes + 2));
  EXPECT_EQ(outcome.warnings, 0u);
}

Event Identify(std::vector<std::pair<std::string, Value>> traits) {
  Event event = NewEvent(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
  for (auto& [name, value] : traits) {
    (*event.mutable_traits()->mutable_fields())[name] = std::move(value);
  }
  return event;
}

// Attributes that are still to be written refer to what was told.
TEST(LeftoversTest, OfToldTraitsAreThereForEachListThatTheyAreMappedTo) {
  const MappedEvents mapped =
      MapInEveryWay({Identify({{"id", Text("c1")},
                               {"model", Text("T")},
                               {"color", Text("red")},
                               {"size", Text("old")},
                               {"wheels", Text("4")}}),
                     Identify({{"size", Text("new")}}), Track("Traits Twice"),
                     Identify({{"color", Text("blue")}, {"doors", Number(5)}}),
                     Track("Traits Twice")});
  ASSERT_THAT(mapped.batches, SizeIs(1));
  const json events = json::parse(mapped.batches[0].body)["events"];
  ASSERT_THAT(events, SizeIs(2));
  const json attributes[] = {
      {{"color", "red"}, {"size", "new"}, {"wheels", "4"}},
      {{"color", "blue"}, {"doors", "5"}, {"size", "new"}, {"wheels", "4"}}};
  for (int i = 0; i < 2; ++i) {
    const json& data = events[i]["data"];
    EXPECT_EQ(data["product_action"]["products"],
              json::array({{{"id", "c1"},
                            {"name", "T"},
                            {"custom_attributes", attributes[i]}}}));
    EXPECT_EQ(data["shopping_cart"]["products"],
              json::array({{{"id", "T"},
                            {"name", "c1"},
                            {"custom_attributes", attributes[i]}}}));
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
