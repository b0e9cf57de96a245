// One version: both programs, the manual and the changelog agree on it.
#include "server/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/file.h"
#include "tests/support/child_process.h"

namespace signal_delivery {
namespace {

using ::testing::HasSubstr;

std::string OutputOf(const std::string& program,
                     std::vector<std::string> arguments) {
  support::ChildProcess process(program, std::move(arguments));
  EXPECT_EQ(process.WaitForExit(), 0);
  return process.output();
}

TEST(VersionTest, IsTheNewestEntryOfTheChangelog) {
  const auto changelog = server::ReadFile("CHANGELOG.md");
  ASSERT_TRUE(changelog.ok()) << changelog.status();
  const std::regex entry(
      "\n## \\[([0-9]+\\.[0-9]+\\.[0-9]+)\\] - ([0-9]{4}-[0-9]{2}-[0-9]{2})\n");
  std::smatch newest;
  ASSERT_TRUE(std::regex_search(*changelog, newest, entry));
  EXPECT_EQ(newest[1], server::kVersion);
  EXPECT_EQ(newest[2], server::kVersionDay);
}

TEST(VersionTest, IsWhatBothProgramsAndTheManualSay) {
  EXPECT_EQ(OutputOf("server/signal_delivery", {"--version"}),
            absl::StrCat("signal_delivery ", server::kVersion, "\n"));
  EXPECT_EQ(OutputOf("tools/signalctl", {"--version"}),
            absl::StrCat("signalctl ", server::kVersion, "\n"));
  EXPECT_THAT(
      OutputOf("tools/signalctl", {"manual", "signal_delivery"}),
      HasSubstr(absl::StrCat(".TH SIGNAL_DELIVERY 8 \"", server::kVersionDay,
                             "\" \"Signal delivery ", server::kVersion, "\"")));
}

}  // namespace
}  // namespace signal_delivery
