// Attributes that are members of an event are written as the map that they
// stand for.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "mapping/draft.h"
#include "mapping/draft_memory.h"
#include "mapping/json_buffer.h"
#include "mapping/json_writer.h"
#include "mapping/node.h"
#include "mparticle/events/v2/batch.pb.h"
#include "tests/support/draft_of_message.h"

namespace signal_delivery::mapping {
namespace {

using ::mparticle::events::v2::Batch;
using ::mparticle::events::v2::CustomEventData;
using ::mparticle::events::v2::Product;

constexpr absl::string_view kBefore = "before";

const JsonWriter& Writer() {
  static const auto& writer = *new JsonWriter(Batch::descriptor());
  return writer;
}

// Of a message of type M, which has nothing but these as its attributes.
template <typename M>
absl::Status Append(const std::vector<Member>& members, JsonBuffer* out) {
  std::vector<const Member*> pointers;
  for (const Member& member : members) pointers.push_back(&member);
  DraftMemory memory;
  Draft draft(memory);
  draft.At(M::kCustomAttributesFieldNumber) = Draft::Members(pointers);
  return Writer().Append(*M::descriptor(), draft, out);
}

template <typename M>
std::string Bytes(const std::vector<Member>& members) {
  JsonBuffer out;
  const absl::Status status = Append<M>(members, &out);
  EXPECT_TRUE(status.ok()) << status;
  return std::string(out.text());
}

Node Text(absl::string_view text) { return Node(text); }

TEST(JsonWriterMembersTest, AreWrittenAsTheMapThatTheyStandFor) {
  CustomEventData message;
  auto& attributes = *message.mutable_custom_attributes();
  attributes[""].set_string_value("");
  attributes["\"a\"\n"].set_string_value("b\\c");
  attributes["no"].set_bool_value(false);
  attributes["number"].set_number_value(-0.1);
  attributes["whole"].set_number_value(1e15);
  attributes["yes"].set_bool_value(true);
  attributes["\xC3\xA4"].set_string_value("\xF0\x9F\x98\x80");
  std::string expected;
  ASSERT_TRUE(support::AppendMessage(Writer(), message, &expected).ok());
  EXPECT_EQ(Bytes<CustomEventData>({{"", Text("")},
                                    {"\"a\"\n", Text("b\\c")},
                                    {"no", Node(false)},
                                    {"number", Node(-0.1)},
                                    {"whole", Node(1e15)},
                                    {"yes", Node(true)},
                                    {"\xC3\xA4", Text("\xF0\x9F\x98\x80")}}),
            expected);
}

TEST(JsonWriterMembersTest, StandInAMapOfTextsToo) {
  EXPECT_EQ(Bytes<Product>({{"a", Text("1")}, {"b", Text("")}}),
            R"({"custom_attributes":{"a":"1","b":""}})");
}

TEST(JsonWriterMembersTest, StandBesideTheMessagesOtherFields) {
  const Member attribute("a", Text("1"));
  const Member* const members[] = {&attribute};
  DraftMemory memory;
  Draft draft(memory);
  draft.SetText(Product::kIdFieldNumber, "id");
  draft.At(Product::kCustomAttributesFieldNumber) = Draft::Members(members);
  ASSERT_NE(draft.Find(Product::kCustomAttributesFieldNumber), nullptr);
  JsonBuffer out;
  ASSERT_TRUE(Writer().Append(*Product::descriptor(), draft, &out).ok());
  EXPECT_EQ(out.text(), R"({"id":"id","custom_attributes":{"a":"1"}})");

  draft.Clear(Product::kCustomAttributesFieldNumber);
  out.Truncate(0);
  ASSERT_TRUE(Writer().Append(*Product::descriptor(), draft, &out).ok());
  EXPECT_EQ(out.text(), R"({"id":"id"})");
}

TEST(JsonWriterMembersTest, ManyLongOnesAreWhole) {
  constexpr int kMembers = 100;
  const std::string text(4096, '\n');
  const std::vector<std::string> names = [] {
    std::vector<std::string> names;
    for (int i = 0; i < kMembers; ++i) names.push_back(std::string(i, 'n'));
    return names;
  }();
  std::vector<Member> members;
  std::string expected = R"({"custom_attributes":{)";
  std::string written;
  for (size_t i = 0; i < text.size(); ++i) written += "\\n";
  for (const std::string& name : names) {
    members.emplace_back(name, Text(text));
    if (!name.empty()) expected += ",";
    expected += '"' + name + R"(":")" + written + '"';
  }
  EXPECT_EQ(Bytes<CustomEventData>(members), expected + "}}");
}

// The message of the error that writing fails with.
std::string Error(const Member& wrong) {
  JsonBuffer out;
  out.Append(kBefore);
  const absl::Status status =
      Append<CustomEventData>({{"!", Text("fine")}, wrong}, &out);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(out.text(), kBefore);
  return std::string(status.message());
}

TEST(JsonWriterMembersTest, AnErrorNamesTheMember) {
  EXPECT_EQ(Error({"ratio", Node(std::nan(""))}),
            "custom_attributes.ratio: is NaN or infinite");
  EXPECT_EQ(Error({"ratio", Node(-HUGE_VAL)}),
            "custom_attributes.ratio: is NaN or infinite");
  EXPECT_EQ(Error({"city", Text("\xFF")}),
            "custom_attributes.city: is not UTF-8");
  EXPECT_EQ(Error({"\xFF", Text("a")}),
            "custom_attributes: has a key that is not UTF-8");
}

TEST(JsonWriterMembersTest, WhatIsNoAttributeIsRefused) {
  EXPECT_EQ(Error({"a", Node()}), "custom_attributes.a: is no attribute");
  EXPECT_EQ(Error({"a", Node(ObjectView(absl::Span<const Member>()))}),
            "custom_attributes.a: is no attribute");
  EXPECT_EQ(Error({"a", Node(ListView({}))}),
            "custom_attributes.a: is no attribute");
}

}  // namespace
}  // namespace signal_delivery::mapping
