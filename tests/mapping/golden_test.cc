// Runs the table of golden cases (tests/testdata/golden/): Signal events in,
// mParticle batches out, through the public entry of mapping/. A case is an
// object of these members, of which all but three may be missing:
//
// - rule: what the case shows; the test is named after it.
// - note: what else there is to know.
// - config: lines of YAML in version 2, on top of the preset that they name or
//   of "default".
// - options: those of Mapper::Options; source_request_id is off here unless it
//   is said; consent {required, when_missing}; in_future, too_old: "reject".
// - now: the time that mapping is told; without it kNow.
// - events: Signal's JSON.
// - batches: the bodies expected, in order; compared as JSON.
// - in_batches: for each batch the indexes of its events.
// - lanes: for each batch its lane, the lanes numbered as they first appear.
// - fates: one per event (see FateName); missing: all are batched.
// - warnings: {"INDEX": [[rule, signal path, mParticle path], ...]}; an event
// that is
//   not named has none.
// - violations: the same.
#include <fstream>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/signal_json.h"
#include "nlohmann/json.hpp"
#include "tests/mapping/test_time.h"
#include "tests/support/typed_properties.h"

namespace signal_delivery::mapping {
namespace {

using ::nlohmann::json;

constexpr const char* kFiles[] = {
    "tests/testdata/golden/page_tables.json",
    "tests/testdata/golden/products.json",
    "tests/testdata/golden/custom_attributes.json",
    "tests/testdata/golden/values.json",
    "tests/testdata/golden/identity.json",
    "tests/testdata/golden/consent.json",
    "tests/testdata/golden/batches.json",
    "tests/testdata/golden/validation.json",
    "tests/testdata/golden/overlay.json",
    "tests/testdata/golden/mapped_fields.json",
    "tests/testdata/golden/event_kinds.json",
    "tests/testdata/golden/format.json",
    "tests/testdata/golden/limits.json",
    "tests/testdata/golden/retail.json",
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<json> LoadCases() {
  std::vector<json> cases;
  for (const char* file : kFiles) {
    const json table = json::parse(ReadFile(file), nullptr,
                                   /*allow_exceptions=*/false);
    // An unreadable file must not look like one without cases.
    if (!table.is_array() || table.empty()) {
      cases.push_back({{"rule", absl::StrCat("unreadable ", file)}});
      continue;
    }
    for (const json& entry : table) cases.push_back(entry);
  }
  return cases;
}

const char* FateName(Fate fate) {
  switch (fate) {
    case Fate::kBatched:
      return "batched";
    case Fate::kCarried:
      return "carried";
    case Fate::kNotMapped:
      return "not_mapped";
    case Fate::kMappingDisabled:
      return "mapping_disabled";
    case Fate::kConsentNotGranted:
      return "consent_not_granted";
    case Fate::kNothingToCarry:
      return "nothing_to_carry";
    case Fate::kInvalid:
      return "invalid";
    case Fate::kTooLarge:
      return "too_large";
  }
  return "?";
}

TimePolicy PolicyOf(const json& options, const char* name) {
  return options.value(name, "send") == "reject" ? TimePolicy::kReject
                                                 : TimePolicy::kSend;
}

absl::StatusOr<std::unique_ptr<const Mapper>> MakeMapper(const json& golden) {
  std::string yaml = "{}";
  if (golden.contains("config")) {
    yaml =
        absl::StrJoin(golden["config"].get<std::vector<std::string>>(), "\n");
  }
  absl::StatusOr<ConfigNode> file = ConfigNode::Parse(yaml, "case.yaml");
  if (!file.ok()) return file.status();
  absl::StatusOr<MappingConfig> config = LoadMappings(*file);
  if (!config.ok()) return config.status();
  const json given = golden.value("options", json::object());
  Mapper::Options options;
  options.api_key = "key";
  options.source_request_id = given.value("source_request_id", false);
  if (given.value("environment", "production") == "development") {
    options.environment = mparticle::events::v2::ENVIRONMENT_DEVELOPMENT;
  }
  const json consent = given.value("consent", json::object());
  options.consent.required =
      consent.value("required", std::vector<std::string>());
  if (consent.value("when_missing", "deliver") == "drop") {
    options.consent.when_missing = ConsentGate::WhenMissing::kDrop;
  }
  options.in_future = PolicyOf(given, "in_future");
  options.too_old = PolicyOf(given, "too_old");
  options.send_lone_identifies = given.value("send_lone_identifies", false);
  options.delete_null_traits = given.value("delete_null_traits", false);
  options.max_events_per_batch = given.value("max_events_per_batch", 0);
  return Mapper::Create(*config, std::move(options));
}

// What the rule's policy says must be what was done: a warning of an event that
// goes, or a violation of one that does not.
void ExpectPolicy(const Finding& finding, bool is_violation) {
  const RuleInfo& info = InfoOf(finding.rule);
  if (info.policy == Policy::kIntegrationChooses) return;
  EXPECT_EQ(info.policy == Policy::kReject, is_violation) << info.name;
  EXPECT_NE(info.policy, Policy::kNextBatch) << info.name;
}

json PathsOf(const std::vector<Finding>& findings, bool are_violations) {
  json paths = json::array();
  for (const Finding& finding : findings) {
    ExpectPolicy(finding, are_violations);
    paths.push_back({std::string(InfoOf(finding.rule).name),
                     finding.signal_path, finding.mparticle_path});
  }
  return paths;
}

// A case, which a test's failure names by its rule.
struct GoldenCase {
  json golden;
};

void PrintTo(const GoldenCase& golden_case, std::ostream* out) {
  *out << golden_case.golden["rule"];
}

class GoldenTest : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenTest, MapsAsTheTableSays) {
  const json& golden = GetParam().golden;
  ASSERT_TRUE(golden.contains("events")) << golden["rule"];
  const auto mapper = MakeMapper(golden);
  ASSERT_TRUE(mapper.ok()) << mapper.status();
  const auto events = EventsFromJson(golden["events"].dump());
  ASSERT_TRUE(events.ok()) << events.status();
  std::vector<const datafly::signal::v1::Event*> pointers;
  for (const auto& event : *events) pointers.push_back(&event);

  absl::Time now = kNow;
  if (golden.contains("now")) {
    ASSERT_TRUE(absl::ParseTime(
        absl::RFC3339_full, golden["now"].get<std::string>(), &now, nullptr));
  }

  const MappedEvents mapped = (*mapper)->Map(pointers, now);

  json batches = json::array();
  json in_batches = json::array();
  json lanes = json::array();
  std::map<int, int> lane_numbers;
  for (const PreparedBatch& batch : mapped.batches) {
    batches.push_back(json::parse(batch.body));
    in_batches.push_back(batch.events);
    const int next = static_cast<int>(lane_numbers.size());
    lanes.push_back(lane_numbers.try_emplace(batch.lane, next).first->second);
    EXPECT_EQ(batch.source_request_id,
              batches.back().value("source_request_id", ""));
  }
  EXPECT_EQ(batches.dump(2), golden["batches"].dump(2));
  EXPECT_EQ(in_batches, golden.value("in_batches", in_batches));
  EXPECT_EQ(lanes, golden.value("lanes", lanes));

  json fates = json::array();
  json warnings = json::object();
  json violations = json::object();
  for (size_t i = 0; i < mapped.fates.size(); ++i) {
    const EventFate& fate = mapped.fates[i];
    fates.push_back(FateName(fate.fate));
    if (!fate.findings.warnings.empty()) {
      warnings[std::to_string(i)] = PathsOf(fate.findings.warnings, false);
    }
    if (!fate.findings.violations.empty()) {
      violations[std::to_string(i)] = PathsOf(fate.findings.violations, true);
    }
  }
  EXPECT_EQ(fates, golden.value("fates", json(std::vector<std::string>(
                                             events->size(), "batched"))));
  EXPECT_EQ(warnings, golden.value("warnings", json::object()));
  EXPECT_EQ(violations, golden.value("violations", json::object()));

  // The same events in the same order always make the same bytes.
  const MappedEvents again = (*mapper)->Map(pointers, now);
  ASSERT_EQ(again.batches.size(), mapped.batches.size());
  for (size_t i = 0; i < again.batches.size(); ++i) {
    EXPECT_EQ(again.batches[i].body, mapped.batches[i].body);
  }
}

// In `ecommerce` the same properties make the same bytes and findings.
TEST_P(GoldenTest, MapsTheSameByType) {
  const json& golden = GetParam().golden;
  json with_id = golden;
  with_id["options"]["source_request_id"] = true;
  const auto mapper = MakeMapper(with_id);
  ASSERT_TRUE(mapper.ok()) << mapper.status();
  const auto events = EventsFromJson(golden["events"].dump());
  ASSERT_TRUE(events.ok()) << events.status();

  EXPECT_EQ(support::DifferenceByForm(**mapper, *events, kNow), "");
}

std::string TestName(const testing::TestParamInfo<GoldenCase>& info) {
  std::string name = absl::StrCat(info.index, "_");
  for (const char c : info.param.golden["rule"].get<std::string>()) {
    name += absl::ascii_isalnum(c) ? c : '_';
  }
  return name;
}

std::vector<GoldenCase> AllCases() {
  std::vector<GoldenCase> cases;
  for (json& golden : LoadCases()) cases.push_back({std::move(golden)});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Table, GoldenTest, testing::ValuesIn(AllCases()),
                         TestName);

TEST(GoldenTableTest, ShowsEachRuleOnce) {
  std::set<std::string> rules;
  for (const json& golden : LoadCases()) {
    EXPECT_TRUE(rules.insert(golden["rule"]).second) << golden["rule"];
  }
}

// A member that is misspelt would otherwise go unnoticed.
TEST(GoldenTableTest, HasOnlyMembersThatAreChecked) {
  const std::set<std::string> known = {
      "rule",    "note",       "config", "options", "now",      "events",
      "batches", "in_batches", "lanes",  "fates",   "warnings", "violations"};
  for (const json& golden : LoadCases()) {
    for (const auto& [name, value] : golden.items()) {
      EXPECT_TRUE(known.contains(name)) << golden["rule"] << ": " << name;
    }
  }
}

// Rules that no case here can show, because Signal's JSON cannot say what
// breaks them or they are not about a finding of mapping; other tests do.
bool IsShownElsewhere(Rule rule) {
  switch (rule) {
    case Rule::kTimestamp:     // mapper_test
    case Rule::kFiniteNumber:  // mapper_test
    case Rule::kUtf8:          // bad_events_test
    case Rule::kEventBytes:    // batch_limits_test
    case Rule::kBatchBytes:
    case Rule::kBatchEvents:
    case Rule::kRepeat:        // repeats_test
    case Rule::kUniqueNames:   // unique_names_test
    case Rule::kPropertyOnce:  // ecommerce_test
      return true;
    default:
      return false;
  }
}

TEST(GoldenTableTest, ShowsEveryRule) {
  std::set<std::string> shown;
  for (const json& golden : LoadCases()) {
    for (const char* kind : {"warnings", "violations"}) {
      for (const json& findings : golden.value(kind, json::object())) {
        for (const json& finding : findings) shown.insert(finding[0]);
      }
    }
  }
  for (const RuleInfo& rule : Rules()) {
    if (IsShownElsewhere(rule.rule)) continue;
    EXPECT_EQ(shown.count(std::string(rule.name)), 1) << rule.name;
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
