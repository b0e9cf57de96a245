// Completion and manuals name what --help names, which CLI11 writes itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/support/child_process.h"
#include "tests/tools/signalctl_fixture.h"
#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

// Where the entries of a --help begin, names and options stand in the third
// column.
std::set<std::string> Matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end;
       match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

std::set<std::string> OptionsIn(const std::string& help) {
  return Matches(help, "(?:^|\n)  (?:-[a-z],)?(--[a-z-]+)");
}

std::set<std::string> PositionalsIn(const std::string& help) {
  return Matches(help, "\n  ([A-Z]+) ");
}

class ManualTest : public SignalctlTest {
 protected:
  std::string Print(const std::vector<std::string>& args) {
    EXPECT_EQ(RunPlain("", args), kExitOk) << err;
    return out;
  }

  std::set<std::string> Commands() {
    const std::string help = Print({"--help"});
    return Matches(help.substr(help.find("Subcommands:")),
                   "\n  ([a-z-]+)(?= )");
  }

  // The page as a reader sees it, but for its fonts.
  std::string Manual(const std::string& program) {
    return absl::StrReplaceAll(
        Print({"manual", program}),
        {{"\\-", "-"}, {"\\fB", ""}, {"\\fR", ""}, {"\\fI", ""}});
  }

  // What the page says of one command.
  static std::string PartOf(const std::string& page,
                            const std::string& command) {
    const size_t begin = page.find(absl::StrCat("\n.SS \"", command, "\"\n"));
    EXPECT_NE(begin, std::string::npos) << command;
    if (begin == std::string::npos) return "";
    return page.substr(begin, page.find("\n.S", begin + 1) - begin);
  }
};

TEST_F(ManualTest, TheManualHasEveryCommandOptionAndArgument) {
  const std::string page = Manual("signalctl");
  EXPECT_THAT(Commands(), IsSupersetOf({"deliver", "doctor", "completion"}));
  for (const std::string& command : Commands()) {
    const std::string help = Print({command, "--help"});
    const std::string part = PartOf(page, command);
    EXPECT_THAT(OptionsIn(help), Contains("--help"));
    for (const std::string& option : OptionsIn(help)) {
      EXPECT_TRUE(std::regex_search(
          part, std::regex(
                    absl::StrCat("\n(-., )?(--[a-z-]+, )*", option, "[ ,\n]"))))
          << command << " " << option;
    }
    for (const std::string& name : PositionalsIn(help)) {
      EXPECT_THAT(part, HasSubstr(absl::StrCat(".TP\n", name, "\n")));
    }
  }
  EXPECT_THAT(page, HasSubstr("8  doctor: something is wrong"));
}

TEST_F(ManualTest, CompletionHasEveryCommandAndOption) {
  const std::string bash = Print({"completion", "bash"});
  const std::string zsh = Print({"completion", "zsh"});
  for (const std::string& command : Commands()) {
    EXPECT_THAT(zsh, HasSubstr(absl::StrCat("\n    '", command, ":")));
    EXPECT_TRUE(std::regex_search(
        bash, std::regex(absl::StrCat("'':\\*\\) words='[^']*\\b", command))))
        << command;
    const size_t part = zsh.find(absl::StrCat("\n    ", command, ") "));
    ASSERT_NE(part, std::string::npos) << command;
    const std::string of_command =
        zsh.substr(part, zsh.find(";;", part) - part);
    for (const std::string& option : OptionsIn(Print({command, "--help"}))) {
      EXPECT_TRUE(std::regex_search(
          bash,
          std::regex(absl::StrCat("'", command, "':\\*:-\\*\\) words='[^']*",
                                  option, "[ ']"))))
          << command << " " << option;
      EXPECT_TRUE(std::regex_search(
          of_command, std::regex(absl::StrCat("'\\*", option, "=?\\["))))
          << command << " " << option;
    }
  }
}

TEST_F(ManualTest, TheServiceHasBothToo) {
  support::ChildProcess service("server/signal_delivery", {"--help"});
  ASSERT_EQ(service.WaitForExit(), 0);
  const std::set<std::string> options = OptionsIn(service.output());
  EXPECT_THAT(options, IsSupersetOf({"--help", "--version", "--config"}));
  const std::string page = Manual("signal_delivery");
  const std::string bash = Print({"completion", "bash"});
  const std::string of_service = bash.substr(bash.find("_signal_delivery() {"));
  for (const std::string& option : options) {
    EXPECT_THAT(page,
                HasSubstr(absl::StrCat(
                    "\n.TP\n", option == "--help" ? "-h, " : "", option)));
    EXPECT_THAT(of_service, HasSubstr(option));
  }
}

TEST_F(ManualTest, AProgramOrShellThatIsNotThereIsAUsageError) {
  EXPECT_EQ(RunPlain("", {"manual", "ls"}), kExitUsage);
  EXPECT_EQ(RunPlain("", {"completion", "fish"}), kExitUsage);
  EXPECT_THAT(out, SizeIs(0));
}

}  // namespace
}  // namespace signal_delivery::cli
