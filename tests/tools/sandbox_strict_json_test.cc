#include <gtest/gtest.h>

#include <string>

#include "tools/sandbox/strict_json.h"

namespace signal_delivery::sandbox {
namespace {

std::string ErrorOf(const std::string& text) {
  return std::string(ParseStrictJson(text).status().message());
}

TEST(StrictJsonTest, ReadsAnObject) {
  const auto json = ParseStrictJson(R"( {"a": [1, 2.5, "é", null]} )");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(*json, nlohmann::json({{"a", {1, 2.5, "é", nullptr}}}));
}

TEST(StrictJsonTest, RefusesAKeyTwice) {
  EXPECT_EQ(ErrorOf(R"({"a":1,"a":1})"),
            "a key appears twice in a JSON object");
  EXPECT_EQ(ErrorOf(R"({"x":[{"a":1,"b":{"a":1},"a":2}]})"),
            "a key appears twice in a JSON object");
  EXPECT_TRUE(ParseStrictJson(R"([{"a":1},{"a":{"a":1}}])").ok());
}

TEST(StrictJsonTest, RefusesWhatIsNotJson) {
  for (const std::string text :
       {"", "{", "{}x", "{'a':1}", "[1,]", "[01]", "[NaN]", "[Infinity]",
        "// a comment\n{}", "\"tab\there\"", "\xEF\xBB\xBFx"}) {
    EXPECT_NE(ErrorOf(text).find("not valid JSON at byte"), std::string::npos)
        << text;
  }
}

TEST(StrictJsonTest, RefusesWhatIsNotUtf8) {
  for (const std::string bytes :
       {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_FALSE(ParseStrictJson("\"" + bytes + "\"").ok());
  }
  EXPECT_FALSE(ParseStrictJson(R"("\ud800")").ok());
  EXPECT_TRUE(ParseStrictJson(R"("\ud83d\ude00")").ok());
}

TEST(StrictJsonTest, RefusesANumberThatNoDoubleHolds) {
  EXPECT_EQ(ErrorOf("[1e999]"), "a JSON number is out of range");
}

TEST(StrictJsonTest, RefusesDeepNesting) {
  const auto nested = [](int depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseStrictJson(nested(kMaxJsonDepth)).ok());
  EXPECT_EQ(ErrorOf(nested(100'000)), "JSON nested deeper than 32");
}

TEST(StrictJsonTest, NeverQuotesTheText) {
  EXPECT_EQ(ErrorOf(R"({"email": jane})").find("jane"), std::string::npos);
}

}  // namespace
}  // namespace signal_delivery::sandbox
