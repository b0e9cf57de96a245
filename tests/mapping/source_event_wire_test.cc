// Whatever stands at an event's top level is read as generated code reads it,
// and what is too deep for that is too deep here.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "mapping/source_event.h"
#include "tests/support/random_choices.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;
using ::google::protobuf::Message;
using ::google::protobuf::Struct;
using ::google::protobuf::io::CodedInputStream;
using ::google::protobuf::io::CodedOutputStream;
using ::signal_delivery::support::RandomChoices;

constexpr int kVarint = 0;
constexpr int kFixed64 = 1;
constexpr int kLength = 2;
constexpr int kStartGroup = 3;
constexpr int kEndGroup = 4;
constexpr int kFixed32 = 5;
// Any number that no field has.
constexpr int kUnknown = 15;

template <typename Write>
std::string Written(Write write) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    CodedOutputStream output(&stream);
    output.SetSerializationDeterministic(true);
    write(output);
  }
  return bytes;
}

std::string Varint(uint64_t value) {
  return Written([&](CodedOutputStream& out) { out.WriteVarint64(value); });
}
std::string Tag(int number, int wire_type) {
  return Varint(static_cast<uint64_t>(number) << 3 | wire_type);
}
std::string Field(int number, absl::string_view content) {
  return absl::StrCat(Tag(number, kLength), Varint(content.size()), content);
}
std::string Number(int number, uint64_t value) {
  return Tag(number, kVarint) + Varint(value);
}
std::string Group(int number, absl::string_view content) {
  return absl::StrCat(Tag(number, kStartGroup), content,
                      Tag(number, kEndGroup));
}
// What may stand there as a field of such a wire type.
std::string OfWireType(int number, int wire_type) {
  switch (wire_type) {
    case kVarint:
      return Number(number, 1);
    case kFixed64:
      return Tag(number, kFixed64) + std::string(8, 'x');
    case kLength:
      return Field(number, "");
    case kStartGroup:
      return Group(number, Number(1, 1));
    case kFixed32:
      return Tag(number, kFixed32) + std::string(4, 'x');
    default:
      return Tag(number, wire_type);
  }
}

std::string Bytes(const Message& message) {
  return Written([&](CodedOutputStream& out) {
    EXPECT_TRUE(message.SerializePartialToCodedStream(&out));
  });
}

// All that an event says, to its last byte.
std::string ContentOf(const SourceEvent& event) {
  const EventFields& fields = event.fields;
  std::string content = absl::StrCat("type ", static_cast<int>(fields.type()));
  for (const int number :
       {Event::kEventFieldNumber, Event::kNameFieldNumber,
        Event::kUserIdFieldNumber, Event::kAnonymousIdFieldNumber,
        Event::kGroupIdFieldNumber, Event::kMessageIdFieldNumber}) {
    const auto text = fields.Text(number);
    if (text.has_value()) absl::StrAppend(&content, ", ", number, "=", *text);
  }
  absl::StrAppend(&content, ", ", fields.event(), "|", fields.user_id(), "|",
                  fields.anonymous_id(), "|", fields.message_id());
  if (const auto& time = fields.timestamp(); time.has_value()) {
    absl::StrAppend(&content, ", at ", time->seconds, "+", time->nanos);
  }
  if (fields.has_context()) {
    absl::StrAppend(&content, ", in ", Bytes(fields.context()));
  }
  return absl::CHexEscape(absl::StrCat(
      content, ", properties ", event.properties.exists(), ", traits ",
      event.traits.exists(), ", hidden ", absl::StrJoin(event.hidden, ","),
      ": ", Bytes(WholeMessage(event))));
}

struct Reading {
  bool is_read = false;
  // Without an event's message being made of it.
  bool is_plain = false;
};

// Expects that it is read as generated code reads it, or not at all.
Reading Read(const std::string& wire) {
  Arena arena;
  SourceEvent event;
  const bool is_read = EventReader(arena).Read(wire, event);
  Event expected;
  const bool is_readable = expected.ParseFromString(wire);
  EXPECT_EQ(is_read, is_readable) << absl::CHexEscape(wire);
  if (!is_readable) expected.Clear();
  EXPECT_EQ(ContentOf(event), ContentOf(SourceEventOf(expected, arena)))
      << absl::CHexEscape(wire);
  EXPECT_EQ(event.bytes, wire.size());
  return {is_read, event.message == nullptr};
}

// The fields that an event may have, each in the forms that it may take.
const std::vector<std::vector<std::string>>& Fields() {
  static const auto& fields = *[] {
    auto* const fields = new std::vector<std::vector<std::string>>();
    fields->push_back({Number(1, 1), Number(1, 0), Number(1, 99),
                       Number(1, 0xFFFFFFFF), Number(1, ~uint64_t{0}),
                       Number(1, uint64_t{1} << 32 | 2),
                       std::string("\x08\x81\x80\x00", 4)});
    for (const int number : {2, 3, 6, 7, 8, 11}) {
      fields->push_back(
          {Field(number, "a"), Field(number, ""), Field(number, "\xC3\xA4"),
           Field(number, std::string(200, 'b')), Field(number, "\xFF"),
           Field(number, "\xC3"),
           Tag(number, kLength) + std::string("\x81\x00", 2) + "c"});
    }
    const std::string entry =
        Field(1, Field(1, "a") + Field(2, Field(3, "text")));
    const std::string other = Field(1, Field(1, "b") + Field(2, Number(4, 1)));
    for (const int number : {4, 5}) {
      fields->push_back({Field(number, ""), Field(number, entry),
                         Field(number, other), Field(number, entry + entry),
                         Field(number, entry + Number(kUnknown, 1)),
                         Field(number, Field(1, Field(1, "\xFF")))});
    }
    const std::string page = Field(1, Field(1, "https://shop.example"));
    const std::string consent =
        Field(8, Field(1, Field(1, "ads") + Number(2, 1)));
    fields->push_back(
        {Field(9, ""), Field(9, Field(4, "en-US")), Field(9, page),
         Field(9, Field(1, Field(2, "/a"))), Field(9, consent),
         Field(9, page + page), Field(9, page + Number(kUnknown, 1)),
         Field(9, Field(4, "\xFF")), Field(9, Number(4, 1)),
         Field(9, std::string(1, '\0')), Field(9, Tag(kUnknown, kEndGroup))});
    fields->push_back(
        {Field(10, ""), Field(10, Number(1, 5)), Field(10, Number(1, 0)),
         Field(10, Number(1, 0) + Number(2, 7)), Field(10, Number(2, 0)),
         Field(10, Number(1, ~uint64_t{0}) + Number(2, ~uint64_t{0})),
         Field(10, Number(1, 5) + Number(1, 6)),
         Field(10, Number(2, 7) + Number(1, 5)),
         Field(10, Number(1, 5) + Number(kUnknown, 1)),
         Field(10, Number(1, 5) + Group(kUnknown, "")), Field(10, Field(1, "")),
         Field(10, "\x08")});
    fields->push_back(
        {Field(12, ""), Field(12, Field(1, "o1")), Field(12, Field(2, "EUR")),
         Field(12, Field(9, Field(1, "p1"))), Field(12, Number(12, 3)),
         Field(12, Field(9, Field(11, entry + other))),
         Field(12, Field(1, "o1") + Field(kUnknown, "?")),
         Field(12, Field(1, "\xFF")), Field(12, std::string(1, '\0')),
         Field(12, Tag(kUnknown, kEndGroup))});
    std::vector<std::string>& unknown = fields->emplace_back();
    for (const int number : {kUnknown, 13, 16, 1000, 536'870'911}) {
      for (const int type :
           {kVarint, kFixed64, kLength, kStartGroup, kFixed32}) {
        unknown.push_back(OfWireType(number, type));
      }
    }
    return fields;
  }();
  return fields;
}

TEST(SourceEventWireTest, AFieldIsReadAsGeneratedCodeReadsItAloneAndTwice) {
  for (const std::vector<std::string>& forms : Fields()) {
    for (const std::string& first : forms) {
      Read(first);
      for (const std::string& second : forms) Read(first + second);
    }
  }
}

TEST(SourceEventWireTest, AnyWireTypeIsReadAsGeneratedCodeReadsIt) {
  const std::string before = Number(1, 1) + Field(11, "m");
  const std::string after = Field(2, "Logged In");
  for (int number = 0; number <= 17; ++number) {
    for (int type = 0; type <= 7; ++type) {
      const std::string field = OfWireType(number, type);
      for (const std::string& wire :
           {field, before + field, field + after, before + field + after}) {
        Read(wire);
      }
    }
  }
}

TEST(SourceEventWireTest, GroupsAreReadAsGeneratedCodeReadsThem) {
  for (const std::string& wire :
       {Group(4, ""), Group(4, Group(9, Number(1, 1))),
        Tag(4, kStartGroup) + Tag(9, kEndGroup), Tag(4, kStartGroup),
        Number(1, 1) + Tag(4, kEndGroup), Tag(4, kEndGroup) + Number(1, 1),
        Field(2, "a") + Group(kUnknown, Field(2, "b")),
        Group(kUnknown, std::string(1, '\0'))}) {
    Read(wire);
  }
}

TEST(SourceEventWireTest, ANumberOfTooManyBytesIsReadAsGeneratedCodeReadsIt) {
  for (size_t more = 0; more < 12; ++more) {
    for (const char* last : {"\x01", "\x0F", "\x10", "\x7F"}) {
      // The lowest bits alone would be a good length in one, in the other not.
      for (const std::string& number :
           {"\x81" + std::string(more, '\x80') + last,
            std::string(more, '\xFF') + last}) {
        Read(Tag(1, kVarint) + number);
        Read(Tag(2, kLength) + number + "a");
        Read(Tag(2, kLength) + number + std::string(300, 'a'));
        Read(number);
      }
    }
  }
}

TEST(SourceEventWireTest, WhereverBytesEndTheyAreReadAsGeneratedCodeReadsThem) {
  const std::string wire = Number(1, 1) + Field(2, "Order Completed") +
                           Field(4, "") + Field(9, Field(4, "en-US")) +
                           Field(10, Number(1, 1706540000)) + Field(11, "m1") +
                           Field(12, Field(1, "o1")) + Group(kUnknown, "");
  for (size_t end = 0; end <= wire.size(); ++end) Read(wire.substr(0, end));
}

TEST(SourceEventWireTest, ATextThatIsSetButEmptyIsThere) {
  Arena arena;
  SourceEvent event;
  ASSERT_TRUE(EventReader(arena).Read(Field(6, ""), event));
  EXPECT_EQ(event.fields.Text(Event::kUserIdFieldNumber), "");
  EXPECT_FALSE(event.fields.Text(Event::kNameFieldNumber).has_value());
  EXPECT_TRUE(WholeMessage(event).has_user_id());
  EXPECT_FALSE(WholeMessage(event).has_name());
}

TEST(SourceEventWireTest, ATimeOfZeroIsThere) {
  for (const std::string& time : {std::string(), Number(1, 0)}) {
    Arena arena;
    SourceEvent event;
    ASSERT_TRUE(EventReader(arena).Read(Field(10, time), event));
    ASSERT_TRUE(event.fields.timestamp().has_value());
    EXPECT_EQ(event.fields.timestamp()->seconds, 0);
  }
}

TEST(SourceEventWireTest, AnyRowOfFieldsIsReadAsGeneratedCodeReadsIt) {
  constexpr int kRows = 20'000;
  RandomChoices choices(19);
  int plain = 0;
  int by_message = 0;
  int unreadable = 0;
  for (int i = 0; i < kRows && !testing::Test::HasFailure(); ++i) {
    std::string wire;
    // Often the form that is usual.
    const bool is_usual = choices.OneIn(2);
    for (size_t left = choices.Below(8); left > 0; --left) {
      const std::vector<std::string>& forms = choices.Of(Fields());
      if (is_usual && &forms == &Fields().back()) continue;
      wire += is_usual ? forms[choices.Below(3)] : choices.Of(forms);
    }
    if (choices.OneIn(10)) wire.resize(choices.Below(wire.size() + 1));
    const Reading reading = Read(wire);
    ++(!reading.is_read ? unreadable : reading.is_plain ? plain : by_message);
  }
  EXPECT_GT(plain, kRows / 10);
  EXPECT_GT(by_message, kRows / 10);
  EXPECT_GT(unreadable, kRows / 10);
}

// Groups in one another, `depth` of them.
std::string Groups(int depth) {
  std::string groups;
  for (int i = 0; i < depth; ++i) groups += Tag(kUnknown, kStartGroup);
  for (int i = 0; i < depth; ++i) groups += Tag(kUnknown, kEndGroup);
  return groups;
}

TEST(SourceEventWireTest, UnknownFieldsMayBeAsDeepAsInGeneratedCode) {
  // The message that holds them is one more.
  const int deepest = CodedInputStream::GetDefaultRecursionLimit() - 1;
  for (const int number : {4, 5, 9, 10, 12}) {
    EXPECT_TRUE(Read(Field(number, Groups(deepest))).is_read) << number;
    EXPECT_FALSE(Read(Field(number, Groups(deepest + 1))).is_read) << number;
  }
  EXPECT_TRUE(Read(Groups(deepest + 1)).is_read);
  EXPECT_FALSE(Read(Groups(deepest + 2)).is_read);
}

// Objects in one another, `depth` of them, the innermost with a text.
Struct Objects(int depth) {
  Struct outermost;
  Struct* object = &outermost;
  for (int i = 1; i < depth; ++i) {
    object = (*object->mutable_fields())["a"].mutable_struct_value();
  }
  (*object->mutable_fields())["a"].set_string_value("x");
  return outermost;
}

TEST(SourceEventWireTest, ProductsMayBeAsDeepAsInGeneratedCode) {
  int deepest = 0;
  for (int depth = 1; depth < 60; ++depth) {
    Event event;
    *event.mutable_ecommerce()->add_products()->mutable_properties() =
        Objects(depth);
    if (Read(event.SerializeAsString()).is_read) deepest = depth;
  }
  EXPECT_GT(deepest, 0);
  EXPECT_LT(deepest, 59) << "the deepest should be too deep";
}

}  // namespace
}  // namespace signal_delivery::mapping
