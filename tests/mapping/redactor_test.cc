// What may be shown of a batch, of every field that the schema has.
#include "mapping/redactor.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/json_writer.h"
#include "mparticle/events/v2/annotations.pb.h"
#include "mparticle/events/v2/batch.pb.h"
#include "tests/support/draft_of_message.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;
namespace v2 = mparticle::events::v2;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// Stands in every text and every name of the sender's own that hold a person's
// data, and likewise in numbers.
constexpr char kCanary[] = "jane.canary@example.com";
constexpr char kShown[] = "shown-text";
constexpr double kCanaryNumber = 987654321;
constexpr double kShownNumber = 12;

bool IsShown(const pb::FieldDescriptor& field, bool by_default) {
  return field.options().HasExtension(v2::shown)
             ? field.options().GetExtension(v2::shown)
             : by_default;
}

// Fills every field of a message, a oneof's with its `choice`th. A value that
// the schema does not let be shown is a canary.
class Filler {
 public:
  explicit Filler(int choice) : choice_(choice) {}

  // `is_free`: below a map whose names are the sender's own.
  void Fill(pb::Message& message, bool is_free = false) {
    const pb::Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const pb::FieldDescriptor& field = *type.field(i);
      const pb::OneofDescriptor* const oneof = field.real_containing_oneof();
      if (oneof != nullptr &&
          oneof->field(choice_ % oneof->field_count()) != &field) {
        continue;
      }
      if (field.is_map()) {
        FillMap(message, field, is_free);
      } else {
        Set(message, field, is_free);
      }
    }
  }

 private:
  void FillMap(pb::Message& message, const pb::FieldDescriptor& field,
               bool is_free) {
    const pb::Reflection& reflection = *message.GetReflection();
    pb::Message& entry = *reflection.AddMessage(&message, &field);
    const pb::FieldDescriptor& value = *field.message_type()->map_value();
    const bool is_typed =
        value.type() == pb::FieldDescriptor::TYPE_MESSAGE &&
        !value.message_type()->options().GetExtension(v2::inlined);
    entry.GetReflection()->SetString(&entry, field.message_type()->map_key(),
                                     kCanary);
    Set(entry, value, is_free || !is_typed);
  }

  void Set(pb::Message& message, const pb::FieldDescriptor& field,
           bool is_free) {
    const pb::Reflection& reflection = *message.GetReflection();
    const bool is_text = field.type() == pb::FieldDescriptor::TYPE_STRING;
    const bool is_shown = !is_free && IsShown(field, !is_text);
    const double number = is_shown ? kShownNumber : kCanaryNumber;
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_STRING:
        if (field.is_repeated()) {
          reflection.AddString(&message, &field, is_shown ? kShown : kCanary);
        } else {
          reflection.SetString(&message, &field, is_shown ? kShown : kCanary);
        }
        return;
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, number);
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return reflection.SetInt64(&message, &field, number);
      case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.SetDouble(&message, &field, number + 0.5);
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, true);
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnum(&message, &field,
                                  field.enum_type()->value(1));
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(field.is_repeated()
                        ? *reflection.AddMessage(&message, &field)
                        : *reflection.MutableMessage(&message, &field),
                    is_free);
      default:
        FAIL() << field.full_name() << " is of a type that is new here";
    }
  }

  const int choice_;
};

std::string Write(const v2::Batch& batch) {
  const JsonWriter writer(v2::Batch::descriptor());
  std::string text;
  EXPECT_TRUE(support::AppendMessage(writer, batch, &text).ok());
  return text;
}

std::string Redact(const std::string& text) {
  return Redactor(*v2::Batch::descriptor()).Redact(text);
}

class EveryKindOfEvent : public testing::TestWithParam<int> {};

TEST_P(EveryKindOfEvent, ShowsNothingButWhatTheSchemaSays) {
  v2::Batch batch;
  Filler(GetParam()).Fill(batch);
  const std::string text = Write(batch);
  ASSERT_THAT(text, HasSubstr(kCanary));
  ASSERT_THAT(text, HasSubstr("987654321"));
  const std::string shown = Redact(text);
  EXPECT_THAT(shown, Not(HasSubstr("canary")));
  EXPECT_THAT(shown, Not(HasSubstr("987654321")));
  EXPECT_THAT(shown, HasSubstr(kShown));
  EXPECT_THAT(shown, HasSubstr("\"schema_version\":12"));
  EXPECT_THAT(shown, HasSubstr("\"environment\":\"development\""));
}

TEST_P(EveryKindOfEvent, ShowsNoTextAtAllWhereToldSo) {
  v2::Batch batch;
  Filler(GetParam()).Fill(batch);
  const std::string shown = Redactor(*v2::Batch::descriptor())
                                .Redact(Write(batch), Redactor::Texts::kHidden);
  EXPECT_THAT(shown, Not(HasSubstr(kShown)));
  EXPECT_THAT(shown, HasSubstr("\"schema_version\":12"));
}

// As many as the oneof of Event has choices.
INSTANTIATE_TEST_SUITE_P(All, EveryKindOfEvent, testing::Range(0, 17));

TEST(RedactorTest, KeepsNamesAndStructure) {
  const json shown = json::parse(Redact(R"({
    "environment": "production", "source_request_id": "a1",
    "user_identities": {"email": "jane@example.com"},
    "user_attributes": {"$firstname": "Jané", "tags": ["a", 5, true, 1.5]},
    "consent_state": {"gdpr": {"marketing": {"consented": true,
                                             "document": "v2"}}},
    "events": [{"event_type": "custom_event", "data": {
      "event_name": "Signed Up", "custom_event_type": "other",
      "custom_attributes": {"plan": "gold", "cart.size": 3}}}]})"));
  EXPECT_EQ(shown, json::parse(R"({
    "environment": "production", "source_request_id": "a1",
    "user_identities": {"email": "[text of 16]"},
    "user_attributes": {"$firstname": "[text of 4]",
                        "tags": ["[text of 1]", "[number]", "[boolean]",
                                 "[number]"]},
    "consent_state": {"gdpr": {"marketing": {"consented": true,
                                             "document": "[text of 2]"}}},
    "events": [{"event_type": "custom_event", "data": {
      "event_name": "Signed Up", "custom_event_type": "other",
      "custom_attributes": {"plan": "[text of 4]",
                            "cart.size": "[number]"}}}]})"));
}

TEST(RedactorTest, ShowsNothingOfWhatTheSchemaDoesNotKnow) {
  for (const char* text : {
           R"({"jane": "canary"})",
           R"({"environment": "canary"})",
           R"({"schema_version": "canary"})",
           R"({"ip": {"canary@example.com": "canary"}})",
           R"({"events": [{"event_type": "canary", "data": {"x": "canary"}}]})",
           R"({"events": [{"event_type": ["canary"]}]})",
           R"({"events": [{"data": {"event_name": "canary"}}]})",
           R"({"events": "canary"})",
           R"(["canary"])",
           R"("canary")",
       }) {
    const std::string shown = Redact(text);
    EXPECT_THAT(shown, Not(HasSubstr("canary"))) << text;
    EXPECT_TRUE(json::accept(shown)) << shown;
  }
}

TEST(RedactorTest, ShowsNothingOfWhatIsNoJson) {
  for (const char* text : {"", "{", "{\"ip\": canary}", "{} {}"}) {
    EXPECT_EQ(Redact(text), "") << text;
  }
}

// A batch whose event has this name, which is shown; `name` is JSON.
std::string Named(absl::string_view name) {
  return absl::StrCat(R"({"events":[{"event_type":"custom_event",)",
                      R"("data":{"event_name":)", name, "}}]}");
}

TEST(RedactorTest, ATextSaysTheSameHoweverItIsWritten) {
  const std::string name =
      R"("a\"\\\/\b\f\n\r\t\u0000\u001f\u00e9\ud83d\ude00é")";
  EXPECT_EQ(json::parse(Redact(Named(name))), json::parse(Named(name)));
}

TEST(RedactorTest, WhatIsNoTextIsNotShown) {
  for (const char* name : {R"("\ud83d")", R"("\ude00\ud83d")", R"("\x")",
                           R"("\u12g4")", "\"a\nb\"", "\"\xff\"", "\"open"}) {
    EXPECT_EQ(Redact(Named(name)), "") << name;
  }
}

TEST(RedactorTest, HiddenTextsAreMeasuredInCharacters) {
  const json hidden = json::parse(Redact(
      R"({"user_attributes": {"a": "", "b": "é", "c": "seven b",
          "d": "eight by", "e": "日本語のテキスト", "f": "e\u0301\ud83d\ude00"}})"));
  EXPECT_EQ(hidden["user_attributes"],
            json::parse(R"({"a": "[text of 0]", "b": "[text of 1]",
                            "c": "[text of 7]", "d": "[text of 8]",
                            "e": "[text of 8]", "f": "[text of 3]"})"));
}

TEST(RedactorTest, NumbersThatAreShownKeepAllDigits) {
  for (const char* number :
       {"9223372036854775807", "-12345678901234567890123", "0.1", "-0",
        "1.7976931348623157e+308", "5E-324"}) {
    const std::string batch =
        absl::StrCat(R"({"schema_version":)", number, "}");
    EXPECT_EQ(Redact(batch), batch);
  }
}

TEST(RedactorTest, MoreInOneAnotherThanABatchHasIsNotShown) {
  const auto nested = [](size_t depth) {
    return absl::StrCat(R"({"user_attributes":)", std::string(depth, '['),
                        std::string(depth, ']'), "}");
  };
  EXPECT_EQ(Redact(nested(99)), nested(99));
  EXPECT_EQ(Redact(nested(100)), "");
  EXPECT_EQ(Redact(nested(1'000'000)), "");
}

TEST(RedactorTest, AValueInANamesPlaceIsHidden) {
  for (const char* name : {"jane@example.com", "+447700900123", "Jäne",
                           "5500005555555559", "a\nb"}) {
    const json batch = {{"user_attributes", {{name, 1}}}};
    EXPECT_THAT(Redact(batch.dump()), HasSubstr("\"[name of ")) << name;
  }
  EXPECT_EQ(ShownName("properties.products[12].price"),
            "properties.products[12].price");
  EXPECT_EQ(ShownName(std::string(257, 'a')), "[name of 257]");
  EXPECT_EQ(ShownText("Order Completed"), "Order Completed");
  EXPECT_EQ(ShownText("of jane@example.com"), "[text of 19]");
  EXPECT_EQ(ShownText(std::string(257, 'a')), "[text of 257]");
}

}  // namespace
}  // namespace signal_delivery::mapping
