// What transforms make of values: each does what the reference page says, and
// what it cannot take is left out with a reason that does not hold the value.
#include "mapping/transform.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "mapping/field_mapping.h"
#include "mapping/node.h"
#include "mapping/struct_nodes.h"

namespace signal_delivery::mapping {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// The member `value` of an object.
google::protobuf::Struct FromJson(const std::string& text) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                  absl::StrCat("{\"value\":", text, "}"), &object)
                  .ok());
  return object;
}

json ToJson(const Value& value) {
  if (IsText(value)) return std::string(Text(value));
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  json list = json::array();
  for (const Node& item : std::get<ListView>(value).elements()) {
    list.push_back(ToJson(ValueOf(item)));
  }
  return list;
}

// `written` as behind `transform:` in a configuration.
absl::StatusOr<Transform> Make(const std::string& written) {
  const auto file = ConfigNode::Parse(
      absl::StrCat("[{source: name, target: x, transform: ", written, "}]"),
      "test.yaml");
  if (!file.ok()) return file.status();
  const auto mappings = ReadFieldMappings(*file);
  if (!mappings.ok()) return mappings.status();
  return Transform::Create(mappings->front().transform.front());
}

// The new value as JSON, or the error's message.
std::string Apply(const std::string& written, const std::string& input) {
  const auto transform = Make(written);
  if (!transform.ok()) return std::string(transform.status().message());
  const google::protobuf::Struct object = FromJson(input);
  google::protobuf::Arena arena;
  const Node* value = NodesOf(object, arena).Find(MemberName("value"));
  DraftMemory memory;
  const auto made = transform->Apply(ValueOf(*value), memory);
  return made.ok() ? ToJson(*made).dump()
                   : std::string(made.status().message());
}

class TransformTest : public testing::TestWithParam<TransformRow> {};

TEST_P(TransformTest, DoesWhatItsExampleSays) {
  const TransformRow& row = GetParam();
  const std::string written =
      row.example_argument.empty()
          ? std::string(row.name)
          : absl::StrCat("{", row.name, ": ", row.example_argument, "}");
  EXPECT_EQ(json::parse(Apply(written, std::string(row.example_input))),
            json::parse(std::string(row.example_output)));
}

TEST_P(TransformTest, SaysWhatItCannotTakeWithoutTheValue) {
  const TransformRow& row = GetParam();
  const std::string written =
      row.example_argument.empty()
          ? std::string(row.name)
          : absl::StrCat("{", row.name, ": ", row.example_argument, "}");
  EXPECT_THAT(Apply(written, R"({"a": "canary"})"), HasSubstr("expected"));
  EXPECT_THAT(Apply(written, R"({"a": "canary"})"), Not(HasSubstr("canary")));
}

std::string NameOfRow(const testing::TestParamInfo<TransformRow>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(All, TransformTest,
                         testing::ValuesIn(TransformTable().begin(),
                                           TransformTable().end()),
                         NameOfRow);

TEST(TransformValuesTest, HashedValuesStayWhatTheyAre) {
  const std::string hash(
      "86E0B9E56C17CC4D12387E1949B85053FBE73BC3CE5A1188713A9D300CC6133D");
  EXPECT_EQ(Apply("sha256", absl::StrCat("\"", hash, "\"")),
            "\"86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"
            "\"");
}

TEST(TransformValuesTest, NumbersAreTextWhereTextIsTaken) {
  EXPECT_EQ(Apply("trim", "100000"), "\"100000\"");
  EXPECT_EQ(Apply("{prefix: a}", "true"), "\"atrue\"");
}

TEST(TransformValuesTest, TextIsCutBetweenCharacters) {
  EXPECT_EQ(Apply("{truncate: 1}", "\"\xF0\x9F\x98\x80x\""),
            json("\xF0\x9F\x98\x80").dump());
}

TEST(TransformValuesTest, TextThatIsNoNumberIsNone) {
  EXPECT_EQ(Apply("number", "\"canary\""), "expected a number, found a text");
  EXPECT_EQ(Apply("integer", "\"Infinity\""),
            "expected a number, found a text");
  EXPECT_EQ(Apply("{multiply: 2}", "true"),
            "expected a number, found a boolean");
}

TEST(TransformValuesTest, CodesAreOfTheirLength) {
  EXPECT_EQ(Apply("currency", "\"dollars\""),
            "is not a currency's code of three letters (ISO 4217)");
  EXPECT_EQ(Apply("country", "\"D1\""),
            "is not a country's code of two letters (ISO 3166)");
}

TEST(TransformValuesTest, PathsKeepWhatHasNoDigit) {
  EXPECT_EQ(Apply("path_template", "\"/\""), "\"/\"");
  EXPECT_EQ(Apply("path_template", "\"\""), "\"/\"");
  EXPECT_EQ(Apply("path_template", "\"https://acme.example\""), "\"/\"");
  EXPECT_EQ(Apply("path_template", "\"/shoes/p12#top\""), "\"/shoes/:id\"");
  EXPECT_EQ(Apply("path_template", "\"/a//b/\""), "\"/a/b\"");
}

TEST(TransformValuesTest, TimesOfAnyOffsetAreWrittenInUtc) {
  EXPECT_EQ(Apply("{date_format: iso8601}", "\"2024-01-29T15:53:20.5+01:00\""),
            "\"2024-01-29T14:53:20.5Z\"");
  EXPECT_EQ(Apply("{date_format: epoch_micros}", "\"2024-01-29T14:53:20Z\""),
            json(1706540000000000.0).dump());
}

}  // namespace
}  // namespace signal_delivery::mapping
