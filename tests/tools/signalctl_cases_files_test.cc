// check-config --cases: files of cases, and how they are brought up to date.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/tools/signalctl_cases_fixture.h"

namespace signal_delivery::cli {
namespace {

using support::ChildProcess;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
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
       "cases[0].batchs: unknown; there is: name, now, events, batches, "
       "outcomes, "
       "warnings"},
      {R"({"integration": "acme", "now": "today", "cases": [)" + login + "]}",
       "now: expected a time such as \"2026-02-25T15:00:00Z\""},
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

// So that --update changes nothing in it but what differs.
TEST(ExampleTest, TheExampleIsWrittenAsUpdateWritesIt) {
  const std::string text = Contents("tools/example/cases/acme-eu.json");
  EXPECT_EQ(text, ordered_json::parse(text).dump(2) + "\n");
}

TEST(ExampleTest, TheExamplesCasesPass) {
  unsetenv("MPARTICLE_API_KEY");
  unsetenv("MPARTICLE_API_SECRET");
  ChildProcess program(
      "tools/signalctl",
      {"check-config", "tools/example/integrations/acme-eu.yaml",
       "--cases=tools/example/cases"});
  EXPECT_EQ(program.WaitForExit(), kExitOk) << program.output();
  EXPECT_THAT(program.output(), EndsWith("3 cases passed, 0 failed\n"));
}

}  // namespace
}  // namespace signal_delivery::cli
