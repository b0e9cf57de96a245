// explain-config: what it prints is the same configuration, and says where it
// comes from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "mapping/config_node.h"
#include "mapping/signal_json.h"
#include "nlohmann/json.hpp"
#include "server/integration.h"
#include "server/integration_keys.h"
#include "tests/support/config_folder.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/run.h"

namespace signal_delivery::cli {
namespace {

using ::nlohmann::json;
using support::ConfigFolder;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kParameters[] =
    "version: 2\n"                         // 1
    "parameters:\n"                        // 2
    "  api_key: the-literal-key\n"         // 3
    "  api_secret: {env: NOT_SET_HERE}\n"  // 4
    "  s2s_host: s2s.mparticle.com\n"      // 5
    "  environment: development\n";        // 6

class ExplainTest : public testing::Test {
 protected:
  // Explains an integration of these lines on top of kParameters.
  std::string Explain(const std::string& more) {
    path_ = folder_.Write("acme.yaml", absl::StrCat(kParameters, more));
    std::istringstream in;
    std::ostringstream out, err;
    exit_code_ = cli::Run({"explain-config", path_}, {in, out, err});
    err_ = err.str();
    return out.str();
  }

  const ConfigFolder folder_;
  std::string path_;
  std::string err_;
  int exit_code_ = -1;
};

// The bodies that the events become.
json BatchesOf(const server::IntegrationRules& rules,
               const std::vector<datafly::signal::v1::Event>& events) {
  std::vector<const datafly::signal::v1::Event*> pointers;
  for (const auto& event : events) pointers.push_back(&event);
  json bodies = json::array();
  for (const auto& batch :
       rules.mapper->Map(pointers, absl::UnixEpoch()).batches) {
    json body = json::parse(batch.body);
    // Depends on the key, which is not printed.
    body.erase("source_request_id");
    bodies.push_back(body);
  }
  return bodies;
}

// The golden cases by the lines of their configuration.
std::map<std::string, std::vector<json>> GoldenCases() {
  std::map<std::string, std::vector<json>> cases;
  for (const char* name :
       {"page_tables", "products", "custom_attributes", "values", "identity",
        "consent", "batches", "overlay", "mapped_fields", "event_kinds",
        "format", "retail"}) {
    const json table = json::parse(
        std::ifstream(absl::StrCat("tests/testdata/golden/", name, ".json")));
    for (const json& golden : table) {
      const auto lines = golden.value("config", std::vector<std::string>());
      cases[absl::StrJoin(lines, "\n")].push_back(golden);
    }
  }
  return cases;
}

TEST_F(ExplainTest, TheOutputMapsTheGoldenEventsAsTheFileDoes) {
  int compared = 0;
  for (const auto& [config, cases] : GoldenCases()) {
    const std::string text = Explain(config);
    const auto rules = server::LoadRules(path_);
    ASSERT_TRUE(rules.ok()) << rules.status();
    ASSERT_EQ(exit_code_, kExitOk) << err_;
    const auto explained =
        server::LoadRules(folder_.Write("explained.yaml", text));
    ASSERT_TRUE(explained.ok()) << explained.status() << "\n" << text;
    for (const json& golden : cases) {
      const auto events =
          mapping::EventsFromJson(golden["events"].dump()).value();
      EXPECT_EQ(BatchesOf(*explained, events), BatchesOf(*rules, events))
          << golden["rule"] << "\n"
          << text;
      ++compared;
    }
  }
  EXPECT_GT(compared, 150);
}

// What the golden cases do not have.
TEST_F(ExplainTest, EveryKeyOfAMappingIsReadBack) {
  const std::string text = Explain(R"(
defaults: {action: send}
consent: {required: [marketing, "1"], when_missing: drop}
max_events_per_batch: 5
global:
  mappings:
    - source: [traits.tier, traits.level]
      target: user_attributes.tier
      transform: [trim, {truncate: 40}, lowercase]
      value_map: {"1": "true", "2": true, "a: b": 1.5, '*': null}
      default: "007"
    - {target: user_attributes.$mobile, remove: true}
    - {target: user_attributes.odd, value: "text with: \"quotes\" # and more"}
events:
  Signed Up:
    mappings: [{target: user_attributes.$firstname, remove: true}]
  "Odd: name":
    mappings: [{target: event_type, value: custom_event}, {target: data.custom_event_type, value: other}]
    vendor_event_name: "null"
)");
  ASSERT_EQ(exit_code_, kExitOk) << err_;
  const std::string again = folder_.Write("explained/acme.yaml", text);
  const auto rules = server::LoadRules(path_);
  const auto explained = server::LoadRules(again);
  ASSERT_TRUE(rules.ok()) << rules.status();
  ASSERT_TRUE(explained.ok()) << explained.status() << "\n" << text;
  for (const char* tier : {"1", "2", " A: B ", "gold"}) {
    for (const char* event : {"Signed Up", "Odd: name", "Video Played"}) {
      const json signal = {
          {"type", "track"},
          {"event", event},
          {"userId", "u"},
          {"messageId", "m"},
          {"traits", {{"level", tier}, {"firstName", "J"}, {"phone", "1"}}},
          {"context", {{"consent", {{"marketing", true}, {"1", true}}}}}};
      const auto events = mapping::EventsFromJson(signal.dump()).value();
      const json batches = BatchesOf(*rules, events);
      EXPECT_EQ(batches.size(), 1u);
      EXPECT_EQ(BatchesOf(*explained, events), batches) << text;
    }
  }
  EXPECT_THAT(text, HasSubstr("  required: [marketing, \"1\"]  #"));
  EXPECT_THAT(text, HasSubstr("default: \"007\"}  #"));
  EXPECT_THAT(text, HasSubstr("\nmax_events_per_batch: 5  # acme.yaml:10:1\n"));
}

TEST_F(ExplainTest, EveryLineThatSaysSomethingHasItsOrigin) {
  const std::string text = Explain(
      "events:\n"
      "  Signed Up: {enabled: false}\n"
      "  Order Completed:\n"
      "    mappings:\n"
      "      - {source: properties.step, target: "
      "data.product_action.checkout_step}\n");
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  EXPECT_THAT(lines.front(), StartsWith("# What acme.yaml amounts to"));
  EXPECT_EQ(lines.back(), "");
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    if (absl::EndsWith(lines[i], ":")) continue;
    EXPECT_THAT(lines[i], MatchesRegex(".*  # "
                                       "(acme.yaml:[0-9]+:[0-9]+|"
                                       "preset:default:[0-9]+:[0-9]+|built-in "
                                       "default)(; it is merged in)?"));
  }
}

TEST_F(ExplainTest, AnOriginIsWhereTheLineStands) {
  const std::string text = Explain(
      "global:\n"                                                    //  6
      "  mappings:\n"                                                //  7
      "    - {source: traits.crm, target: user_identities.email}\n"  //  8
      "events:\n"                                                    //  9
      "  Signed Up: {enabled: false}\n"                              // 11
      "  Logged In:\n"                                               // 12
      "    mappings:\n"                                              // 13
      "      - {source: properties.x, target: "
      "data.custom_attributes.x}\n");  // 14
  EXPECT_THAT(text, HasSubstr("\n  s2s_host: s2s.mparticle.com  # "
                              "acme.yaml:5:3\n"));
  EXPECT_THAT(text, HasSubstr("\n    - {source: traits.crm, target: "
                              "user_identities.email}  # acme.yaml:9:7\n"));
  EXPECT_THAT(text, HasSubstr("\n  Signed Up:  # acme.yaml:11:3\n"
                              "    enabled: false  # acme.yaml:11:15\n"));
  // What an event inherits keeps its own.
  EXPECT_THAT(text,
              HasSubstr("\n  Logged In:  # acme.yaml:12:3\n"
                        "    vendor_event_name: login  # preset:default:"));
  EXPECT_THAT(text, HasSubstr("\n      - {source: properties.x, target: "
                              "data.custom_attributes.x}  # acme.yaml:14:9\n"));
}

TEST_F(ExplainTest, WhatTheFileDoesNotSayIsBuiltIn) {
  const std::string text = Explain("consent: {required: [marketing]}\n");
  for (const char* line :
       {"delivery_mode: server_side  # built-in default\n",
        "  required: [marketing]  # acme.yaml:7:11\n",
        "  when_missing: deliver  # built-in default\n",
        "source_request_id: true  # built-in default\n",
        "preset: none  # built-in default; it is merged in\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

// So that a key that comes to have one is said, too.
TEST_F(ExplainTest, NoKeyWithADefaultIsLeftOut) {
  const std::set<absl::string_view> without = {
      "api_key",   "api_secret",          "s2s_host", "environment", "ca_file",
      "data_plan", "max_events_per_batch"};
  const std::string text = Explain("");
  for (const auto& keys : {server::IntegrationKeys(), server::ParameterKeys(),
                           server::ConsentKeys(), server::EventTimeKeys()}) {
    for (const mapping::ConfigKey& key : keys) {
      if (without.contains(key.name)) continue;
      EXPECT_THAT(text, ContainsRegex(absl::StrCat("\n *", key.name, ":")));
    }
  }
}

TEST_F(ExplainTest, WithoutAPresetItIsWhatTheFileSays) {
  const std::string text = Explain(
      "preset: none\n"
      "events:\n"
      "  page: {mappings: [{target: event_type, value: screen_view}, {source: "
      "name, target: data.screen_name}]}\n");
  EXPECT_EQ(text.substr(text.find("preset: none")),
            "preset: none  # acme.yaml:7:1\n"
            "defaults:\n"
            "  action: drop  # built-in default\n"
            "events:\n"
            "  page:  # acme.yaml:9:3\n"
            "    mappings:\n"
            "      - {target: event_type, value: screen_view}  # "
            "acme.yaml:9:21\n"
            "      - {source: name, target: data.screen_name}  # "
            "acme.yaml:9:63\n");
}

TEST_F(ExplainTest, ASecretIsNeverPrintedButWhereItIsToBeFound) {
  const std::string text = Explain("");
  EXPECT_THAT(text, Not(HasSubstr("the-literal-key")));
  EXPECT_THAT(text, HasSubstr("  api_key: a secret that stands in the file, "
                              "not shown  # acme.yaml:3:3\n"));
  EXPECT_THAT(text, HasSubstr("  api_secret: {env: NOT_SET_HERE}  # "
                              "acme.yaml:4:3\n"));
}

TEST_F(ExplainTest, AFileThatIsWrongIsNotExplained) {
  EXPECT_EQ(Explain("presets: default\n"), "");
  EXPECT_EQ(exit_code_, kExitUsage);
  EXPECT_THAT(err_, AllOf(StartsWith(path_ + ":7:1: presets: "),
                          HasSubstr("did you mean \"preset\"?")));
}

}  // namespace
}  // namespace signal_delivery::cli
