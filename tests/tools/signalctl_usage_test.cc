#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/tools/signalctl_fixture.h"
#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UsageTest : public SignalctlTest {
 protected:
  std::string WriteFile(const std::string& name, const std::string& text) {
    const std::string path = ::testing::TempDir() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
};

TEST_F(UsageTest, HelpNamesTheExitCodes) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--help"},
        {"deliver", "--help"},
        {"preview", "--help"},
        {"check-config", "--help"},
        {"explain-config", "--help"},
        {"doctor", "--help"},
        {"tail", "--help"}}) {
    EXPECT_EQ(RunPlain("", args), kExitOk);
    EXPECT_THAT(out, HasSubstr("  4  some events were rejected"));
    EXPECT_THAT(err, IsEmpty());
  }
}

TEST_F(UsageTest, WrongOptionsAreAUsageErrorAndNothingIsSent) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{},
        {"send"},
        {"deliver"},
        {"deliver", "--integration=a", "--output=xml"},
        {"deliver", "--integration=a", "--timeout=soon"},
        {"deliver", "--integration=a", "--timeout=0s"},
        {"deliver", "--integration=a", "--timeout=25h"},
        {"preview", "--integration=a", "--frobnicate"}}) {
    EXPECT_EQ(RunPlain("{}", args), kExitUsage)
        << ::testing::PrintToString(args);
    EXPECT_FALSE(err.empty());
    EXPECT_THAT(out, IsEmpty());
  }
  EXPECT_EQ(service.calls(), 0);
}

TEST_F(UsageTest, EventsAreReadFromAFile) {
  const std::string path = WriteFile("events.json", R"([{"userId": "f"}])");
  EXPECT_EQ(RunOn("", {"deliver", path}), kExitCallFailed);  // empty response
  ASSERT_EQ(service.last_deliver().events_size(), 1);
  EXPECT_EQ(service.last_deliver().events(0).user_id(), "f");
}

TEST_F(UsageTest, AFileThatCannotBeReadIsNamed) {
  EXPECT_EQ(RunOn("", {"deliver", "no/such/file"}), kExitUsage);
  EXPECT_EQ(
      err, "signalctl: no/such/file: cannot open: No such file or directory\n");
  EXPECT_EQ(RunOn("", {"preview", ::testing::TempDir()}), kExitUsage);
  EXPECT_THAT(err, HasSubstr(::testing::TempDir() + ": cannot read"));
}

TEST_F(UsageTest, BadInputNamesTheSourceAndThePlace) {
  EXPECT_EQ(RunOn("{}\n{\"userId\": 5}\n", {"deliver"}), kExitUsage);
  EXPECT_EQ(err,
            "signalctl: standard input: events[1].userId: expected a string, "
            "found a number (the event starts at line 2)\n");
  const std::string path = WriteFile("broken.json", "{\n\"userId\" 1}");
  EXPECT_EQ(RunOn("", {"preview", path}), kExitUsage);
  EXPECT_THAT(err, HasSubstr(path + ": line 2, column 10: not JSON"));
  EXPECT_EQ(service.calls(), 0);
}

TEST_F(UsageTest, InputWithoutEventsIsAnError) {
  EXPECT_EQ(RunOn(" \n", {"deliver"}), kExitUsage);
  EXPECT_EQ(err, "signalctl: standard input: no events in it\n");
}

TEST_F(UsageTest, InputBeyondTheLimitIsRefusedUnread) {
  EXPECT_EQ(RunOn(std::string((64 << 20) + 1, ' '), {"deliver"}), kExitUsage);
  EXPECT_EQ(err,
            "signalctl: standard input: larger than 64 MiB: send the events in "
            "several calls\n");
}

TEST_F(UsageTest, AServiceThatDoesNotListenIsToldApart) {
  // Port 1 needs root to listen on, and nothing does.
  EXPECT_EQ(
      RunPlain("{}", {"deliver", "--integration=a", "--server=127.0.0.1:1"}),
      kExitCallFailed);
  EXPECT_THAT(err, HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(err, HasSubstr("is --server its address?"));
}

TEST_F(UsageTest, OutputThatCannotBeWrittenIsAnError) {
  std::istringstream in("");
  std::ostringstream out_stream, err_stream;
  service.AnswerDeliver(Textproto<datafly::delivery::v1::DeliverEventsResponse>(
      "results { outcome: OUTCOME_ACCEPTED }"));
  in.str("{}");
  out_stream.setstate(std::ios::badbit);
  EXPECT_EQ(
      cli::Run({"deliver", "--integration=a", "--server=" + service.address()},
               {in, out_stream, err_stream}),
      kExitCallFailed);
  EXPECT_EQ(err_stream.str(), "signalctl: cannot write the output\n");
}

}  // namespace
}  // namespace signal_delivery::cli
