// signalctl tail, at a whole service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"
#include "tests/support/test_certificates.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/run.h"

namespace signal_delivery::cli {
namespace {

using support::LoggedIn;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// One that is rejected.
datafly::signal::v1::Event WithoutUser() {
  datafly::signal::v1::Event event = LoggedIn("", "u");
  event.clear_user_id();
  event.clear_anonymous_id();
  return event;
}

class TailTest : public testing::Test {
 protected:
  TailTest()
      : service_({{"acme", support::IntegrationText(
                               mparticle_.name_and_port(),
                               support::TestCertificates::Get().ca_file())}}) {}

  std::vector<std::string> Args(std::vector<std::string> args) const {
    args.insert(args.begin(), "tail");
    args.push_back(absl::StrCat("--server=127.0.0.1:", service_port_));
    return args;
  }
  int Run(const std::vector<std::string>& args) {
    std::istringstream in;
    std::ostringstream out, err;
    const int exit_code = cli::Run(Args(args), {in, out, err});
    out_ = out.str();
    err_ = err.str();
    return exit_code;
  }

  support::ScriptedTlsServer mparticle_;
  support::RunningService service_;
  const int service_port_ = service_.server().port();
  std::string out_;
  std::string err_;
};

TEST_F(TailTest, PrintsALineForEachEvent) {
  service_.Deliver({LoggedIn("m-1", "u"), WithoutUser()}, "acme");
  EXPECT_EQ(Run({"--no-follow"}), kExitOk) << err_;
  EXPECT_THAT(out_,
              ContainsRegex("^[0-9TZ:.-]+  acme  Logged In  ACCEPTED TAKEN  "
                            "http 202, tries 1, took [0-9.m]+s  m-1\n"));
  EXPECT_THAT(out_, HasSubstr("REJECTED INVALID_EVENT  http -, tries 0, "
                              "took -  -\n"));
  EXPECT_THAT(out_, Not(HasSubstr("payload")));
}

TEST_F(TailTest, PrintsThePayloadOnRequest) {
  service_.Deliver({LoggedIn("m-1", "u")}, "acme");
  EXPECT_EQ(Run({"--no-follow", "--payload"}), kExitOk) << err_;
  EXPECT_THAT(out_, HasSubstr("     detail: mParticle answered 202\n"));
  EXPECT_THAT(out_, HasSubstr("\"customer_id\":\"[text of 1]\""));
}

TEST_F(TailTest, PrintsJsonLinesForAProgram) {
  service_.Deliver({LoggedIn("m-1", "u"), LoggedIn("m-2", "u")}, "acme");
  EXPECT_EQ(Run({"--no-follow", "--json"}), kExitOk) << err_;
  EXPECT_THAT(out_, ContainsRegex("^\\{\"event\":.*\"message_id\":\"m-1\".*\n"
                                  "\\{\"event\":.*\"message_id\":\"m-2\""));
}

TEST_F(TailTest, Filters) {
  service_.Deliver({LoggedIn("m-1", "u"), LoggedIn("m-2", "u"), WithoutUser()},
                   "acme");
  EXPECT_EQ(Run({"--no-follow", "--message-id=m-2"}), kExitOk);
  EXPECT_THAT(out_, ContainsRegex("^[^\n]*m-2\n$"));
  EXPECT_EQ(Run({"--no-follow", "--outcome=REJECTED"}), kExitOk);
  EXPECT_THAT(out_, ContainsRegex("^[^\n]*REJECTED[^\n]*\n$"));
  EXPECT_EQ(Run({"--no-follow", "--reason=INVALID_EVENT", "--event=Logged In"}),
            kExitOk);
  EXPECT_THAT(out_, ContainsRegex("^[^\n]*REJECTED[^\n]*\n$"));
  EXPECT_EQ(Run({"--no-follow", "--recent=0"}), kExitOk);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_EQ(Run({"--no-follow", "--integration=nobody"}), kExitCallFailed);
  EXPECT_THAT(err_, HasSubstr("there is no integration \"nobody\""));
}

TEST_F(TailTest, WrongOptionsAreAUsageError) {
  for (const std::string option :
       {"--outcome=NONE", "--reason=none", "--recent=-1", "--recent=10001",
        "--timeout=1s"}) {
    EXPECT_EQ(Run({"--no-follow", option}), kExitUsage) << option;
    EXPECT_THAT(out_, IsEmpty());
  }
}

class TailProcessTest : public TailTest {
 protected:
  TailProcessTest() : tail_("tools/signalctl", Args({})) {
    service_.Deliver({LoggedIn("m-1", "u")}, "acme");
    EXPECT_TRUE(tail_.WaitForLineWith("m-1"));
  }

  support::ChildProcess tail_;
};

TEST_F(TailProcessTest, ShowsEventsAsTheyComeUntilTheServiceEnds) {
  service_.Deliver({LoggedIn("m-2", "u")}, "acme");
  EXPECT_TRUE(tail_.WaitForLineWith("m-2"));
  service_.server().Drain(support::kNoHurry);
  EXPECT_EQ(tail_.WaitForExit(), kExitOk);
  EXPECT_THAT(tail_.output(), HasSubstr("signalctl: the service is ending\n"));
}

TEST_F(TailProcessTest, EndsOnInterrupt) {
  tail_.Signal(SIGINT);
  EXPECT_EQ(tail_.WaitForExit(), kExitOk);
  EXPECT_THAT(tail_.output(), Not(HasSubstr("signalctl:")));
}

TEST_F(TailTest, EndsWhenNobodyReadsItsOutput) {
  service_.Deliver({LoggedIn("m-1", "u")}, "acme");
  // `head` ends after a line; the shell waits for both.
  support::ChildProcess shell(
      "/bin/sh", {"-c", absl::StrCat("tools/signalctl tail --server=127.0.0.1:",
                                     service_port_, " | head -n 1")});
  EXPECT_TRUE(shell.WaitForLineWith("m-1"));
  EXPECT_EQ(shell.WaitForExit(), 0);
  EXPECT_THAT(shell.output(), Not(HasSubstr("terminate")));
}

TEST(TailOffTest, SaysThatTheDebuggerIsOff) {
  support::ScriptedTlsServer mparticle;
  support::RunningService service(
      {{"acme",
        support::IntegrationText(mparticle.name_and_port(),
                                 support::TestCertificates::Get().ca_file())}},
      "event_debugger: false\n");
  std::istringstream in;
  std::ostringstream out, err;
  EXPECT_EQ(cli::Run({"tail", absl::StrCat("--server=127.0.0.1:",
                                           service.server().port())},
                     {in, out, err}),
            kExitCallFailed);
  EXPECT_THAT(err.str(), HasSubstr("event_debugger: true"));
}

}  // namespace
}  // namespace signal_delivery::cli
