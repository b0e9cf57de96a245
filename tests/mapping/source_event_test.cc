// An event that is read from the wire says what Protocol Buffers read there,
// whoever wrote it.
#include "mapping/source_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/field_comparator.h"
#include "google/protobuf/util/message_differencer.h"
#include "mapping/struct_nodes.h"
#include "tests/support/random_choices.h"
#include "tests/support/random_events.h"
#include "tests/support/typed_properties.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;
using ::google::protobuf::Struct;
using ::google::protobuf::TextFormat;
using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A field of a length, with a number below 16.
std::string Field(int number, absl::string_view content) {
  EXPECT_LT(content.size(), 128u);
  return absl::StrCat(std::string(1, static_cast<char>(number << 3 | 2)),
                      std::string(1, static_cast<char>(content.size())),
                      content);
}
std::string Properties(absl::string_view object) { return Field(4, object); }
std::string Entry(absl::string_view content) { return Field(1, content); }
std::string Key(absl::string_view name) { return Field(1, name); }
std::string ValueIs(absl::string_view value) { return Field(2, value); }
std::string Text(absl::string_view text) { return Field(3, text); }
std::string Object(absl::string_view object) { return Field(5, object); }
std::string List(absl::string_view list) { return Field(6, list); }
std::string Member(absl::string_view name, absl::string_view value) {
  return Entry(absl::StrCat(Key(name), ValueIs(value)));
}

// A value that is not set is null.
void SetUnsetValues(Struct& object);
void SetUnsetValues(google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::KIND_NOT_SET:
      return value.set_null_value(google::protobuf::NULL_VALUE);
    case google::protobuf::Value::kNullValue:
      // Any number of the enum is.
      return value.set_null_value(google::protobuf::NULL_VALUE);
    case google::protobuf::Value::kStructValue:
      return SetUnsetValues(*value.mutable_struct_value());
    case google::protobuf::Value::kListValue:
      for (auto& element : *value.mutable_list_value()->mutable_values()) {
        SetUnsetValues(element);
      }
      return;
    default:
      return;
  }
}
void SetUnsetValues(Struct& object) {
  for (auto& [name, value] : *object.mutable_fields()) SetUnsetValues(value);
}

// "" where both are read alike: as the same event, or not at all.
std::string Difference(const std::string& wire) {
  Event expected;
  const bool is_readable = expected.ParseFromString(wire);
  Arena arena;
  SourceEvent event;
  if (EventReader(arena).Read(wire, event) != is_readable) {
    return is_readable ? "is not read" : "is read";
  }
  if (!is_readable) expected.Clear();
  // By type, they are read by the code that is tested.
  Event normal = expected.has_ecommerce()
                     ? WholeMessage(SourceEventOf(expected, arena))
                     : expected;
  for (Struct* object :
       {normal.has_properties() ? normal.mutable_properties() : nullptr,
        normal.has_traits() ? normal.mutable_traits() : nullptr}) {
    if (object != nullptr) SetUnsetValues(*object);
  }
  normal.DiscardUnknownFields();
  std::string difference;
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  differencer.ReportDifferencesToString(&difference);
  Event whole = WholeMessage(event);
  whole.DiscardUnknownFields();
  differencer.Compare(normal, whole);
  return difference;
}

TEST(SourceEventTest, SaysWhatAnyEventSays) {
  support::RandomChoices choices(7);
  int with_properties = 0;
  for (int i = 0; i < 500; ++i) {
    for (const Event& event :
         support::RandomEvents(choices, {"Order Completed"}, 10)) {
      with_properties += event.properties().fields().empty() ? 0 : 1;
      if (event.ByteSizeLong() > kMaxEventBytes) continue;
      // Else it would all be left to Protocol Buffers.
      Arena arena;
      EXPECT_TRUE(
          ReadPlainStruct(event.properties().SerializeAsString(), arena))
          << event.ShortDebugString();
      EXPECT_EQ(Difference(event.SerializeAsString()), "")
          << event.ShortDebugString();
      EXPECT_EQ(Difference(support::WithEcommerce(event).SerializeAsString()),
                "")
          << event.ShortDebugString();
    }
  }
  EXPECT_GT(with_properties, 500);
}

TEST(SourceEventTest, SaysWhatProtocolBuffersMakeOfUnusualBytes) {
  const std::string number = absl::StrCat("\x11", std::string(8, '\0'));
  const std::string unknown = Field(15, "unknown");
  for (const std::string& object : std::vector<std::string>{
           "",
           // A name twice, and one that is empty.
           absl::StrCat(Member("a", Text("1")), Member("b", Text("2")),
                        Member("a", Text("3"))),
           Member("", Text("1")),
           // Parts of an entry that are not there, or twice, or turned round.
           Entry(""), Entry(Key("a")), Entry(ValueIs(Text("1"))),
           Entry(absl::StrCat(ValueIs(Text("1")), Key("a"))),
           Entry(absl::StrCat(Key("a"), Key("b"), ValueIs(Text("1")))),
           Entry(absl::StrCat(Key("a"), ValueIs(Text("1")), ValueIs(number))),
           // Values that are not set, or of two kinds.
           Member("a", ""), Member("a", absl::StrCat(Text("1"), number)),
           Member("a", absl::StrCat(Object(Member("b", Text("1"))),
                                    Object(Member("c", Text("2"))))),
           Member("a", List(absl::StrCat(Field(1, ""), Field(1, number)))),
           // Kinds of values, written as usual and not so.
           Member("a", number), Member("a", std::string("\x08\0", 2)),
           Member("a", "\x08\x01"), Member("a", "\x20\x01"),
           Member("a", std::string("\x20\x80\0", 3)), Member("a", "\x20\x7F"),
           // Fields that nobody knows.
           unknown, Entry(absl::StrCat(Key("a"), unknown, ValueIs(number))),
           Member("a", unknown), Member("a", List(unknown)),
           // A length in more bytes than it takes.
           absl::StrCat(absl::string_view("\x0A\x83\0", 3), Key("a"))}) {
    for (const std::string& wire : std::vector<std::string>{
             Properties(object),
             absl::StrCat(Field(11, "id"), Properties(object), Field(6, "u"),
                          Field(5, object)),
             // Each twice, which adds up.
             absl::StrCat(Properties(object), Properties(Member("z", number))),
             // A tag in more bytes than it takes.
             absl::StrCat("\xA2", std::string(1, '\0'),
                          Properties(object).substr(1)),
             absl::StrCat(Properties(Member("z", number)), "\xA2",
                          std::string(1, '\0'), Properties(object).substr(1)),
             // A field that nobody knows, of each kind.
             absl::StrCat(Properties(object), unknown, "\x78\x81\x01", "\x79",
                          std::string(8, 'x'), "\x7D", std::string(4, 'x'),
                          "\x7B\x7C")}) {
      EXPECT_EQ(Difference(wire), "") << testing::PrintToString(wire);
    }
  }
}

TEST(SourceEventTest, ReadsNothingThatProtocolBuffersDoNot) {
  for (const std::string& wire : std::vector<std::string>{
           Properties(Member("a", Text("\xFF"))),
           Properties(Member("\xC0\x80", Text("a"))),
           Properties(Member("a", Object(Member("b", Text("\xED\xA0\x80"))))),
           Field(11, "\xFF"), Properties("\x0A\x05x"), "\x22", "\x22\x05",
           "\x22\xFF\xFF\xFF\xFF\x7F", Properties(Member("a", "\x11")),
           Properties(Member("a", "\x1A\x7F")), "\x07", "\x7C"}) {
    EXPECT_FALSE(Event().ParseFromString(wire)) << testing::PrintToString(wire);
    EXPECT_EQ(Difference(wire), "") << testing::PrintToString(wire);
  }
}

TEST(SourceEventTest, ReadsAsDeepAsProtocolBuffersDo) {
  bool is_readable = true;
  Event event;
  Struct* object = event.mutable_properties();
  for (int depth = 0; depth < 60; ++depth) {
    const std::string wire = event.SerializeAsString();
    is_readable = Event().ParseFromString(wire);
    EXPECT_EQ(Difference(wire), "") << depth;
    object =
        (*object->mutable_fields())[absl::StrCat(depth)].mutable_struct_value();
  }
  EXPECT_FALSE(is_readable) << "the deepest should be too deep";
}

TEST(SourceEventTest, FindsEachMemberByItsName) {
  const std::vector<std::string> names = {"",
                                          std::string(1, '\0'),
                                          "a",
                                          "product",
                                          "product_",
                                          "product_i",
                                          "product_id",
                                          "product_identifier_",
                                          "product_identifier_1",
                                          "product_identifier_10",
                                          "product_identifier_2",
                                          "\xC3\xA4",
                                          "~"};
  Event event;
  for (const std::string& name : names) {
    (*event.mutable_properties()->mutable_fields())[name].set_string_value(
        absl::StrCat("of ", name));
  }
  const std::string wire = event.SerializeAsString();
  Arena arena;
  SourceEvent source;
  ASSERT_TRUE(EventReader(arena).Read(wire, source));
  std::vector<std::string> found;
  for (const auto& member : source.properties.members()) {
    found.emplace_back(member.name);
  }
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(names));
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  for (const std::string& name : names) {
    const Node* node = source.properties.Find(MemberName(name));
    ASSERT_NE(node, nullptr) << name;
    EXPECT_EQ(node->text(), absl::StrCat("of ", name));
  }
  for (const char* other : {"b", "product_identifier_11", "products"}) {
    EXPECT_EQ(source.properties.Find(MemberName(other)), nullptr) << other;
  }
}

TEST(SourceEventTest, AFieldHidesThePropertyOfItsName) {
  Event event;
  ASSERT_TRUE(TextFormat::ParseFromString(
      R"pb(
        properties {
          fields {
            key: "total"
            value { number_value: 1 }
          }
          fields {
            key: "tax"
            value { null_value: NULL_VALUE }
          }
          fields {
            key: "zone"
            value { string_value: "x" }
          }
        }
        ecommerce {
          total: 2
          tax: 3
          products {
            sku: "s"
            properties {
              fields {
                key: "sku"
                value { number_value: 1 }
              }
            }
          }
        }
      )pb",
      &event));
  const std::string wire = event.SerializeAsString();
  Arena arena;
  SourceEvent source;
  ASSERT_TRUE(EventReader(arena).Read(wire, source));
  EXPECT_THAT(source.hidden,
              ElementsAre("properties.products[0].sku", "properties.total"));
  EXPECT_EQ(source.properties.Find(MemberName("total"))->number(), 2);
  EXPECT_EQ(source.properties.Find(MemberName("tax"))->number(), 3);
  EXPECT_EQ(source.properties.Find(MemberName("zone"))->text(), "x");
  EXPECT_FALSE(WholeMessage(source).has_ecommerce());
}

TEST(SourceEventTest, OfAnEventThatIsTooLargeOnlyTheFieldsAreRead) {
  Event event;
  event.set_message_id("m");
  (*event.mutable_properties()->mutable_fields())["a"].set_string_value("b");
  event.mutable_ecommerce()->add_products();
  event.mutable_context()->set_user_agent(std::string(kMaxEventBytes, 'x'));
  const std::string wire = event.SerializeAsString();
  Arena arena;
  SourceEvent source;
  ASSERT_TRUE(EventReader(arena).Read(wire, source));
  EXPECT_EQ(source.bytes, wire.size());
  EXPECT_EQ(source.fields.message_id(), "m");
  EXPECT_FALSE(source.properties.exists());
}

// Thirty-two bytes would be enough for a million of them.
TEST(SourceEventTest, TakesLittleMemoryForWhatIsSmall) {
  constexpr int kPieces = 10'000;
  std::string entries;
  std::string products;
  for (int i = 0; i < kPieces; ++i) {
    entries += Entry("");
    products += Field(9, "");
  }
  Event by_type;
  ASSERT_TRUE(by_type.mutable_ecommerce()->ParseFromString(products));
  Event by_name;
  ASSERT_TRUE(by_name.mutable_properties()->ParseFromString(entries));
  for (const std::string& wire : {by_type.SerializeAsString(),
                                  absl::StrCat("\x22\xA0\x9C\x01", entries)}) {
    Arena arena;
    SourceEvent source;
    ASSERT_TRUE(EventReader(arena).Read(wire, source));
    EXPECT_LT(arena.SpaceUsed(), 100 * wire.size());
  }
}

TEST(SourceEventTest, AnEmptyObjectIsNotTheOneThatBeginsInItsPlace) {
  const signal_delivery::mapping::Member members[] = {{"a", Node(1.0)}};
  const ObjectView object(members);
  EXPECT_EQ(object, ObjectView(members));
  EXPECT_FALSE(object == ObjectView(object.members().first(0)));
  EXPECT_FALSE(
      ObjectView() ==
      ObjectView(absl::Span<const signal_delivery::mapping::Member>()));
}

TEST(SourceEventTest, NothingIsNotTheSameAsAnEmptyObject) {
  Arena arena;
  SourceEvent event;
  ASSERT_TRUE(EventReader(arena).Read("", event));
  EXPECT_FALSE(event.properties.exists());
  EXPECT_THAT(event.hidden, IsEmpty());
  ASSERT_TRUE(EventReader(arena).Read(Properties(""), event));
  EXPECT_TRUE(event.properties.exists());
  EXPECT_TRUE(event.properties.IsEmpty());
  EXPECT_EQ(event.bytes, 2u);
}

}  // namespace
}  // namespace signal_delivery::mapping
