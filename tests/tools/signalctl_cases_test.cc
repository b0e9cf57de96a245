// check-config --cases: the program itself, on files of cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {
namespace {

using ::nlohmann::ordered_json;
using support::ChildProcess;
using support::ConfigFolder;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kIntegration[] = R"(version: 2
parameters:
  api_key: the-key
  api_secret: the-secret
  s2s_host: s2s.eu1.mparticle.com
consent: {required: [marketing]}
events:
  Logged In:
    mappings:
      - {source: properties.session, target: mpid}
  Signed Up: {enabled: false}
)";

constexpr char kLogin[] =
    R"({"type": "track", "event": "Logged In", "userId": "u1",
        "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1"})";

constexpr char kLoginBatch[] =
    R"({"environment": "production", "schema_version": 2,
        "user_identities": {"customer_id": "u1"},
        "events": [{"event_type": "custom_event",
                    "data": {"event_name": "login", "custom_event_type": "other",
                             "timestamp_unixtime_ms": 1706540000000,
                             "source_message_id": "m1"}}]})";

ordered_json LoginCase() {
  return {{"name", "a login"},
          {"events", {ordered_json::parse(kLogin)}},
          {"batches", {ordered_json::parse(kLoginBatch)}}};
}

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class CasesTest : public testing::Test {
 protected:
  CasesTest()
      : integration_(folder_.Write("integrations/acme.yaml", kIntegration)) {}

  // Writes a file with these cases of the integration; returns its path.
  std::string WriteCases(const std::vector<ordered_json>& cases,
                         const std::string& name = "cases/acme.json") {
    const ordered_json file = {{"integration", "acme"}, {"cases", cases}};
    return folder_.Write(name, file.dump());
  }

  // Checks the integration and returns the exit code; output_ has what it
  // printed.
  int Check(std::vector<std::string> options) {
    options.insert(options.begin(), {"check-config", integration_});
    ChildProcess program("tools/signalctl", options);
    const int exit_code = program.WaitForExit();
    output_ = program.output();
    return exit_code;
  }
  int CheckCases(const std::vector<ordered_json>& cases) {
    return Check({"--cases=" + WriteCases(cases)});
  }

  const ConfigFolder folder_;
  std::string integration_;
  std::string output_;
};

TEST_F(CasesTest, WhatIsAsExpectedPasses) {
  EXPECT_EQ(CheckCases({LoginCase()}), kExitOk);
  EXPECT_EQ(output_,
            "acme: good, delivers to s2s.eu1.mparticle.com (production)\n"
            "1 case passed, 0 failed\n");
}

TEST_F(CasesTest, OrderOfMembersAndSpellingOfNumbersAreOfNoMatter) {
  ordered_json login = LoginCase();
  login["batches"][0] = ordered_json::parse(
      R"({"events": [{"data": {"source_message_id": "m1",
                               "timestamp_unixtime_ms": 1.70654e12,
                               "custom_event_type": "other",
                               "event_name": "login"},
                      "event_type": "custom_event"}],
          "user_identities": {"customer_id": "u1"},
          "schema_version": 2.0, "environment": "production"})");
  EXPECT_EQ(CheckCases({login}), kExitOk) << output_;
}

TEST_F(CasesTest, DifferencesAreNamedPathByPath) {
  ordered_json login = LoginCase();
  ordered_json& batch = login["batches"][0];
  batch["ip"] = "203.0.113.50";
  batch.erase("schema_version");
  batch["events"][0]["data"]["event_name"] = "Login";
  batch["events"].push_back({{"event_type", "screen_view"}});
  EXPECT_EQ(CheckCases({LoginCase(), login}), kExitCaseFailed);
  EXPECT_THAT(
      output_,
      EndsWith(
          "FAIL " + folder_.path() +
          "/cases/acme.json: a login\n"
          "  batches[0].events[0].data.event_name: expected \"Login\", got "
          "\"login\"\n"
          "  batches[0].events[1]: expected {\"event_type\":\"screen_view\"}, "
          "got nothing\n"
          "  batches[0].ip: expected \"203.0.113.50\", got nothing\n"
          "  batches[0].schema_version: expected nothing, got 2\n"
          "1 case passed, 1 failed\n"));
}

TEST_F(CasesTest, ABatchTooManyIsShownCutShort) {
  ordered_json login = LoginCase();
  login["batches"].clear();
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  EXPECT_THAT(
      output_,
      HasSubstr("  batches[0]: expected nothing, got {\"environment\""));
  EXPECT_THAT(output_, AllOf(HasSubstr("...\n"), Not(HasSubstr("\"m1\""))));
}

TEST_F(CasesTest, ControlCharactersOfACaseDoNotReachTheTerminal) {
  ordered_json login = LoginCase();
  login["name"] = "red \x1b[31m";
  login["batches"][0]["\x1b[2J"] = "\xC2\x9B";
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  EXPECT_THAT(output_, AllOf(HasSubstr("red ?[31m"), HasSubstr("?[2J")));
  EXPECT_THAT(output_,
              AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\xC2\x9B"))));
}

TEST_F(CasesTest, ASourceRequestIdIsComparedWhereOneIsExpected) {
  ordered_json login = LoginCase();
  login["batches"][0]["source_request_id"] = "another";
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  const std::string got = "expected \"another\", got \"";
  ASSERT_THAT(output_, HasSubstr("batches[0].source_request_id: " + got));
  const std::size_t start = output_.find(got) + got.size();
  login["batches"][0]["source_request_id"] =
      output_.substr(start, output_.find('"', start) - start);
  EXPECT_EQ(CheckCases({login}), kExitOk) << output_;
}

TEST_F(CasesTest, OutcomesAreSentOrTheReasonThatTheServiceGives) {
  const char* const base = R"(, "userId": "u1", "messageId": "m",
                              "timestamp": "2024-01-29T14:53:20Z"})";
  const auto event = [&](const std::string& start) {
    return ordered_json::parse(start + base);
  };
  const ordered_json tested = {
      {"name", "one of each"},
      {"events",
       {event(R"({"type": "track", "event": "Video Played")"),
        event(R"({"type": "track", "event": "Signed Up")"),
        event(R"({"type": "page", "name": "Home",
                  "context": {"consent": {"marketing": false}})"),
        event(R"({"type": "identify")"), event(R"({"type": "track")")}},
      {"batches", ordered_json::array()},
      {"outcomes",
       {"NOT_MAPPED", "MAPPING_DISABLED", "CONSENT_NOT_GRANTED",
        "NOTHING_TO_CARRY", "INVALID_EVENT"}}};
  EXPECT_EQ(CheckCases({tested}), kExitOk) << output_;

  ordered_json login = LoginCase();
  login["outcomes"] = {"sent"};
  EXPECT_EQ(CheckCases({login}), kExitOk) << output_;
  login["outcomes"] = {"NOT_MAPPED", "sent"};
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  EXPECT_THAT(output_,
              HasSubstr("  outcomes[0]: expected \"NOT_MAPPED\", got \"sent\"\n"
                        "  outcomes[1]: expected \"sent\", got nothing\n"));
}

TEST_F(CasesTest, AFailureSaysWhyEventsWereNotSent) {
  ordered_json login = LoginCase();
  login["events"][0].erase("userId");
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  EXPECT_THAT(output_, HasSubstr("  events[0] Logged In: INVALID_EVENT\n"));
  EXPECT_THAT(
      output_,
      HasSubstr("violation: user_id: user_id or anonymous_id must be set\n"));
}

TEST_F(CasesTest, WarningsAreComparedWhereTheyAreAskedForInAnyOrder) {
  ordered_json login = LoginCase();
  login["events"][0]["context"] = {{"ip", "nonsense"}};
  login["events"][0]["properties"] = {{"session", "no number"}};
  EXPECT_EQ(CheckCases({login}), kExitOk) << output_;
  EXPECT_THAT(output_,
              EndsWith("2 warnings in cases without \"warnings\"; -v shows "
                       "them\n1 case passed, 0 failed\n"));

  login["warnings"] = {"properties.session", "context.ip"};
  EXPECT_EQ(CheckCases({login}), kExitOk) << output_;
  EXPECT_THAT(output_, Not(HasSubstr("warning")));
  login["warnings"] = {"context.ip", "context.locale"};
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  EXPECT_THAT(
      output_,
      HasSubstr("  warnings: expected \"context.locale\", got nothing\n"
                "  warnings: expected nothing, got \"properties.session\"\n"));
}

TEST_F(CasesTest, VerboseNamesWhatPassesAndItsWarnings) {
  ordered_json login = LoginCase();
  login["events"][0]["context"] = {{"ip", "nonsense"}};
  EXPECT_EQ(Check({"--cases=" + WriteCases({login}), "-v"}), kExitOk);
  EXPECT_THAT(output_, HasSubstr("PASS " + folder_.path() +
                                 "/cases/acme.json: a login\n"
                                 "  events[0] Logged In: sent\n"
                                 "    warning: context.ip -> ip: "));
}

TEST_F(CasesTest, UpdateWritesWhatCameAndSaysWhatChanged) {
  ordered_json changed = LoginCase();
  changed["batches"][0]["environment"] = "development";
  changed["outcomes"] = {"NOT_MAPPED"};
  ordered_json unfinished = LoginCase();
  unfinished.erase("batches");
  const std::string path = WriteCases({LoginCase(), changed, unfinished});
  EXPECT_EQ(Check({"--cases=" + path}), kExitCaseFailed);
  EXPECT_THAT(output_, HasSubstr("batches: missing; write what is to be "
                                 "posted, or let --update do it"));

  EXPECT_EQ(Check({"--cases=" + path, "--update"}), kExitOk);
  EXPECT_THAT(output_, AllOf(HasSubstr("UPDATED " + path + ": a login\n"),
                             HasSubstr("  batches[0].environment: expected "
                                       "\"development\", got \"production\"\n"),
                             EndsWith("1 case passed, 2 updated\n")));

  const ordered_json written = ordered_json::parse(Contents(path));
  changed["outcomes"] = {"sent"};
  changed["batches"] = LoginCase()["batches"];
  ordered_json expected = {{"integration", "acme"},
                           {"cases", {LoginCase(), changed, LoginCase()}}};
  EXPECT_EQ(nlohmann::json(written), nlohmann::json(expected));
  EXPECT_EQ(Check({"--cases=" + path}), kExitOk) << output_;
}

TEST_F(CasesTest, UpdateLeavesAFileAloneThatIsAsItShouldBe) {
  const std::string path = WriteCases({LoginCase()});
  const std::string before = Contents(path);
  EXPECT_EQ(Check({"--cases=" + path, "--update"}), kExitOk);
  EXPECT_EQ(Contents(path), before);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(CasesTest, FilesAndFoldersMayBeGivenTogether) {
  WriteCases({LoginCase()}, "cases/a.json");
  WriteCases({LoginCase()}, "cases/b.json");
  folder_.Write("cases/README.md", "no cases");
  const std::string more = WriteCases({LoginCase()}, "more.json");
  EXPECT_EQ(Check({"--cases=" + folder_.path() + "/cases", "--cases=" + more}),
            kExitOk);
  EXPECT_THAT(output_, EndsWith("3 cases passed, 0 failed\n"));
}

TEST_F(CasesTest, WhatIsWrongWithAFileIsSaidWithItsPlace) {
  const std::string login = LoginCase().dump();
  const struct {
    std::string text;
    std::string message;
  } kBad[] = {
      {"{\n\"integration\" 1}", "parse error at line 2, column 15"},
      {"[]", "expected an object with \"integration\" and \"cases\""},
      {R"({"cases": []})", "integration: expected a text that is not empty"},
      {R"({"integration": "acme"})", "cases: expected a list"},
      {R"({"integration": "acme", "cases": []})", "cases: is empty"},
      {R"({"integration": "acme", "cases": [1]})",
       "cases[0]: expected an object"},
      {R"({"integration": "acme", "cases": [)" + login + R"(, {}]})",
       "cases[1].name: expected a text that is not empty"},
      {R"({"integration": "acme", "cases": [{"name": "a", "events": []}]})",
       "cases[0].events: is empty"},
      {R"({"integration": "acme",
           "cases": [{"name": "a", "events": [{"userId": 5}]}]})",
       "cases[0].events[0].userId: expected a string, found a number"},
      {R"({"integration": "acme", "cases": [{"name": "a", "batchs": []}]})",
       "cases[0].batchs: unknown; there is: name, events, batches, outcomes, "
       "warnings"},
      {R"({"integration": "acem", "cases": [)" + login + "]}",
       "integration: \"acem\" is not among those that are checked: acme"},
  };
  const std::string good = WriteCases({LoginCase()}, "good.json");
  for (const auto& [text, message] : kBad) {
    const std::string path = folder_.Write("bad.json", text);
    EXPECT_EQ(Check({"--cases=" + good, "--cases=" + path}), kExitUsage);
    EXPECT_THAT(output_, HasSubstr(path + ": " + message)) << text;
    EXPECT_THAT(output_, Not(HasSubstr("passed")));
  }
}

TEST_F(CasesTest, FilesThatAreNotThereAreAnError) {
  EXPECT_EQ(Check({"--cases=no/such.json"}), kExitUsage);
  EXPECT_THAT(output_, HasSubstr("no/such.json: cannot be read"));
  std::filesystem::create_directory(folder_.path() + "/empty");
  EXPECT_EQ(Check({"--cases=" + folder_.path() + "/empty"}), kExitUsage);
  EXPECT_THAT(output_, HasSubstr("/empty: holds no cases (NAME.json)"));
}

TEST_F(CasesTest, UpdateAndVerboseNeedCases) {
  EXPECT_EQ(Check({"--update"}), kExitUsage);
  EXPECT_EQ(Check({"-v"}), kExitUsage);
}

TEST(ExampleTest, TheExamplesCasesPass) {
  setenv("MPARTICLE_API_KEY", "key", 1);
  setenv("MPARTICLE_API_SECRET", "secret", 1);
  ChildProcess program(
      "tools/signalctl",
      {"check-config", "tools/example/integrations/acme-eu.yaml",
       "--cases=tools/example/cases"});
  EXPECT_EQ(program.WaitForExit(), kExitOk) << program.output();
  EXPECT_THAT(program.output(), EndsWith("3 cases passed, 0 failed\n"));
}

}  // namespace
}  // namespace signal_delivery::cli
