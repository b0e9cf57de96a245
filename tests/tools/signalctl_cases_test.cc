// check-config --cases: what a case says, and when it passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/tools/signalctl_cases_fixture.h"

namespace signal_delivery::cli {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CasesTest, WhatIsAsExpectedPasses) {
  EXPECT_EQ(CheckCases({LoginCase()}), kExitOk);
  EXPECT_EQ(output_,
            "acme: good, delivers to s2s.eu1.mparticle.com (production); its "
            "secrets were "
            "not checked\n"
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

TEST_F(CasesTest, NeitherSecretsNorAuthoritiesNeedToBeThere) {
  unsetenv("NOT_SET_HERE");
  integration_ = folder_.Write(
      "integrations/acme.yaml",
      absl::StrReplaceAll(
          kIntegration, {{"the-key", "{env: NOT_SET_HERE}"},
                         {"the-secret", "{file: /no/secret}\n  ca_file: no"}}));
  EXPECT_EQ(CheckCases({LoginCase()}), kExitOk) << output_;
  EXPECT_EQ(Check({}), kExitUsage);
  EXPECT_THAT(output_, HasSubstr("NOT_SET_HERE is not set"));

  // It is made with the key.
  ordered_json login = LoginCase();
  login["batches"][0]["source_request_id"] = "id";
  EXPECT_EQ(CheckCases({login}), kExitUsage);
  EXPECT_THAT(output_, AllOf(HasSubstr("a case expects a source_request_id"),
                             HasSubstr("NOT_SET_HERE is not set")));
}

TEST_F(CasesTest, AnIntegrationThatIsWrongIsToldWithoutItsSecretsToo) {
  for (const auto& [piece, replacement, message] :
       std::vector<std::array<std::string, 3>>{
           {"the-key", "{evn: X}", "unknown key \"evn\""},
           {"the-secret", "{file: a, env: B}", "{env: NAME} or {file: PATH}"},
           {"the-secret", "''", "api_secret: is empty"},
           {"s2s.eu1", "s2s.eu7", "is not an mParticle host"},
           {"target: mpid", "target: mipd", "mipd"}}) {
    integration_ = folder_.Write(
        "integrations/acme.yaml",
        absl::StrReplaceAll(kIntegration, {{piece, replacement}}));
    EXPECT_EQ(CheckCases({LoginCase()}), kExitUsage) << replacement;
    EXPECT_THAT(output_, HasSubstr(message));
  }
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

TEST_F(CasesTest, NowIsTheCasesTheFilesOrTheTimeOfTheNewestEvent) {
  integration_ = folder_.Write(
      "integrations/acme.yaml",
      absl::StrCat(kIntegration, "event_time: {too_old: reject}"));
  ordered_json file = {{"integration", "acme"}, {"cases", {LoginCase()}}};
  file["cases"][0]["outcomes"] = {"sent"};
  EXPECT_EQ(Check({"--cases=" + folder_.Write("a.json", file.dump())}), kExitOk)
      << output_;

  file["now"] = "2024-03-15T15:00:00+01:00";
  EXPECT_EQ(Check({"--cases=" + folder_.Write("a.json", file.dump())}),
            kExitCaseFailed);
  EXPECT_THAT(output_, HasSubstr("expected \"sent\", got \"INVALID_EVENT\""));

  file["cases"][0]["now"] = "2024-01-30T15:00:00Z";
  EXPECT_EQ(Check({"--cases=" + folder_.Write("a.json", file.dump())}), kExitOk)
      << output_;
}

TEST_F(CasesTest, AFailureSaysWhyEventsWereNotSent) {
  ordered_json login = LoginCase();
  login["events"][0].erase("userId");
  EXPECT_EQ(CheckCases({login}), kExitCaseFailed);
  EXPECT_THAT(output_, HasSubstr("  events[0] Logged In: INVALID_EVENT\n"));
  EXPECT_THAT(
      output_,
      HasSubstr("violation: user_id: user_id or anonymous_id must be set "
                "[user]\n"));
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

}  // namespace
}  // namespace signal_delivery::cli
