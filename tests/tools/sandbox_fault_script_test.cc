// Fault scripts: how they are read, and what is played when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/sandbox/faults.h"

namespace signal_delivery::sandbox {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string ErrorOf(const std::string& script) {
  return std::string(FaultScript::Parse(script).status().message());
}

TEST(FaultScriptTest, ReadsLinesAndArrays) {
  const auto lines = FaultScript::Parse(
      "{\"fault\":\"stall\"}\n\n{\"answer\":{\"status\":503}}\n");
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_THAT(*lines, SizeIs(2));
  const auto array =
      FaultScript::Parse(" [{\"fault\":\"stall\"},\n {\"delay_ms\":5}]");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(*array, SizeIs(2));
  EXPECT_THAT(*FaultScript::Parse(""), IsEmpty());
}

TEST(FaultScriptTest, ReadsTheExamplesOfItsReadme) {
  std::ostringstream text;
  text << std::ifstream("tools/sandbox/README.md").rdbuf();
  const std::string readme = text.str();
  const std::string opening = "One of each:\n\n```json\n";
  const std::size_t start = readme.find(opening) + opening.size();
  ASSERT_LT(start, readme.size());
  const auto faults = FaultScript::Parse(
      readme.substr(start, readme.find("```", start) - start));
  ASSERT_TRUE(faults.ok()) << faults.status();
  EXPECT_THAT(*faults, SizeIs(24));
}

TEST(FaultScriptTest, SaysWhereAScriptIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"{\"fault\":\"stall\"}\n{", "line 2: not valid JSON"},
      {"{}", "line 1: needs a fault"},
      {"[{\"fault\":\"stall\"},{\"fault\":\"x\"}]", "entry 2: unknown fault x"},
      {R"({"fault":"stall","tiems":2})", "unknown member tiems"},
      {R"({"fault":"stall","bytes":2})", "unknown member bytes"},
      {R"({"fault":"stall","count":0})", "count must be"},
      {R"({"fault":"stall","skip":-1})", "skip must be"},
      {R"({"fault":"stall","match":{"path":"/"}})", "unknown member path"},
      {R"({"fault":"stall","answer":{}})", "stall sends no answer"},
      {R"({"answer":{"status":42}})", "status must be"},
      {R"({"answer":{"headers":{"A":"b\r\nC: d"}}})", "headers must be"},
      {R"({"answer":{"headers":["A"]}})", "headers must be"},
      {R"({"answer":"202"})", "must be an object"},
      {R"({"fault":"reset_on_connect","match":{"body_contains":"x"}})",
       "nothing to take or match"},
      {R"({"fault":"reset_on_connect","take":true})", "nothing to take"},
      {R"({"fault":"slow_connect"})", "slow_connect needs a delay_ms"},
      {R"({"fault":"bad_tls","delay_ms":1})", "takes no delay_ms"},
      {R"({"fault":"slow_accept"})", "slow_accept needs a delay_ms"},
      {R"({"fault":"rate_limit"})", "needs per_second or growth"},
      {R"({"fault":"rate_limit","per_second":0})", "per_second must be"},
      {R"({"fault":"rate_limit","growth":1,"answer":{}})",
       "makes its own answer"},
      {R"({"fault":"rate_limit","growth":1,"retry_after":"1\r\nA: b"})",
       "must be a header's text"},
      {"5", "must be an object"},
  };
  for (const auto& [script, error] : wrong) {
    EXPECT_THAT(ErrorOf(script), HasSubstr(error)) << script;
  }
}

TEST(FaultScriptTest, SkipsCountsAndMatches) {
  FaultScript script;
  script.Replace(*FaultScript::Parse(
      R"([{"answer":{"status":500},"skip":1,"count":2,
           "match":{"body_contains":"poison"}},
          {"answer":{"status":503}}])"));
  const auto next = [&](absl::string_view body) {
    const auto fault = script.Next(Moment::kRequestRead, body);
    return fault ? fault->answer->status : 0;
  };
  EXPECT_EQ(next("poison"), 0) << "skipped";
  EXPECT_EQ(next("good"), 503) << "does not match the first entry";
  EXPECT_EQ(next("poison"), 500);
  EXPECT_EQ(next("good"), 0) << "the second entry is used up";
  EXPECT_EQ(next("some poison"), 500);
  EXPECT_EQ(next("poison"), 0) << "both are used up";
}

}  // namespace
}  // namespace signal_delivery::sandbox
