#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/sandbox/batch_rules.h"
#include "tools/sandbox/limits.h"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<Json> Cases(const std::string& name) {
  std::ifstream file(absl::StrCat("tests/testdata/sandbox/", name));
  std::vector<Json> cases;
  for (std::string line; std::getline(file, line);) {
    cases.push_back(Json::parse(line));
  }
  return cases;
}

Json BatchOf(Json event) {
  return {{"environment", "production"},
          {"events", Json::array({std::move(event)})}};
}

Json CustomEvent(Json more) {
  Json data = {{"event_name", "e"}, {"custom_event_type", "other"}};
  data.update(more);
  return BatchOf({{"event_type", "custom_event"}, {"data", data}});
}

Json UserAttributes(Json attributes) {
  return {{"environment", "production"},
          {"user_attributes", std::move(attributes)}};
}

Json Attributes(int count) {
  Json attributes = Json::object();
  for (int i = 0; i < count; ++i) attributes[absl::StrCat("a", i)] = i;
  return attributes;
}

// `count` characters of two bytes each.
std::string Characters(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "é";
  return text;
}

TEST(BatchRulesTest, TakesEveryAcceptedCase) {
  const std::vector<Json> cases = Cases("accepted.jsonl");
  ASSERT_THAT(cases, SizeIs(testing::Ge(25u)));
  for (const Json& one : cases) {
    EXPECT_THAT(CheckBatch(one["batch"]), IsEmpty()) << one["name"];
  }
}

TEST(BatchRulesTest, RefusesEveryRefusedCaseAtItsOnePlace) {
  const std::vector<Json> cases = Cases("refused.jsonl");
  ASSERT_THAT(cases, SizeIs(testing::Ge(100u)));
  for (const Json& one : cases) {
    EXPECT_THAT(CheckBatch(one["batch"]),
                ElementsAre(StartsWith(
                    absl::StrCat(one["refused_at"].get<std::string>(), ": "))))
        << one["name"];
  }
}

TEST(BatchRulesTest, CountsEventAttributes) {
  EXPECT_THAT(CheckBatch(CustomEvent({{"custom_attributes", Attributes(100)}})),
              IsEmpty());
  EXPECT_THAT(
      CheckBatch(CustomEvent({{"custom_attributes", Attributes(101)}})),
      ElementsAre("$.events[0].data.custom_attributes: more than 100 entries"));
}

TEST(BatchRulesTest, MeasuresEventAttributesInCharacters) {
  const auto check = [](const std::string& name, const std::string& value) {
    return CheckBatch(CustomEvent({{"custom_attributes", {{name, value}}}}));
  };
  EXPECT_THAT(check(Characters(256), Characters(4096)), IsEmpty());
  EXPECT_THAT(check(Characters(257), "v"), ElementsAre(HasSubstr("256")));
  EXPECT_THAT(check("n", Characters(4097)), ElementsAre(HasSubstr("4096")));
}

TEST(BatchRulesTest, CountsUserAttributes) {
  EXPECT_THAT(CheckBatch(UserAttributes(Attributes(100))), IsEmpty());
  EXPECT_THAT(CheckBatch(UserAttributes(Attributes(101))),
              ElementsAre("$.user_attributes: more than 100 entries"));
}

TEST(BatchRulesTest, MeasuresUserAttributes) {
  const auto check = [](const std::string& name, const Json& value) {
    return CheckBatch(UserAttributes({{name, value}}));
  };
  EXPECT_THAT(check(Characters(256), Characters(4096)), IsEmpty());
  EXPECT_THAT(check(Characters(257), 1), ElementsAre(HasSubstr("256")));
  EXPECT_THAT(check("n", Characters(4097)), ElementsAre(HasSubstr("4096")));
  EXPECT_THAT(check("n", std::vector<std::string>(1000, Characters(512))),
              IsEmpty());
  EXPECT_THAT(check("n", std::vector<int>(1001, 1)),
              ElementsAre("$.user_attributes.n: more than 1000 entries"));
  EXPECT_THAT(check("n", {Characters(513)}), ElementsAre(HasSubstr("512")));
}

TEST(BatchRulesTest, MeasuresNamesThatMparticleWouldCut) {
  EXPECT_THAT(CheckBatch(CustomEvent({{"event_name", Characters(256)}})),
              IsEmpty());
  EXPECT_THAT(CheckBatch(CustomEvent({{"event_name", Characters(257)}})),
              ElementsAre(HasSubstr("event_name: longer than 256")));
  EXPECT_THAT(
      CheckBatch(BatchOf({{"event_type", "screen_view"},
                          {"data", {{"screen_name", Characters(257)}}}})),
      ElementsAre(HasSubstr("screen_name: longer than 256")));
}

TEST(BatchRulesTest, ReportsTheFirstTenProblems) {
  Json batch = {{"environment", "production"}};
  for (int i = 0; i < 30; ++i) {
    batch["events"].push_back({{"event_type", "screen_view"}, {"data", {}}});
  }
  EXPECT_THAT(CheckBatch(batch), SizeIs(kMaxProblems));
}

TEST(BatchRulesTest, NeverQuotesAValue) {
  const auto problems = CheckBatch(
      {{"environment", "jane"}, {"ip", "jane"}, {"mp_deviceid", "jane"}});
  EXPECT_THAT(problems, SizeIs(3));
  EXPECT_THAT(problems, testing::Each(testing::Not(HasSubstr("jane"))));
}

}  // namespace
}  // namespace signal_delivery::sandbox
