// The program itself: its arguments, its files, its exit codes, its end.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/support/caller.h"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;
using support::Action;
using support::ChildProcess;
using support::ConfigFolder;
using support::ScriptedTlsServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

constexpr char kProgram[] = "server/signal_delivery";
constexpr char kDraining[] = "drains: takes no more calls";

class SignalDeliveryTest : public testing::Test {
 protected:
  SignalDeliveryTest() {
    WriteIntegration("");
    WriteService({});
  }

  void WriteIntegration(const std::string& more) {
    folder_.Write("integrations/acme.yaml",
                  support::IntegrationText(
                      mparticle_.name_and_port(),
                      support::TestCertificates::Get().ca_file(), more));
  }

  struct Service {
    std::string listen = "127.0.0.1:0";
    std::string admin_listen = "127.0.0.1:0";
    int leave_seconds = 0;
    int drain_seconds = 600;
  };
  void WriteService(const Service& service) {
    config_ = folder_.Write(
        "service.yaml", absl::StrCat("listen: ", service.listen,
                                     "\nadmin_listen: ", service.admin_listen,
                                     "\nleave_seconds: ", service.leave_seconds,
                                     "\ndrain_seconds: ", service.drain_seconds,
                                     "\nintegrations_dir: integrations\n"));
  }

  std::unique_ptr<ChildProcess> Start() {
    ready_file_ = absl::StrCat(folder_.path(), "/ready.json");
    return std::make_unique<ChildProcess>(
        kProgram, std::vector<std::string>{"--config=" + config_,
                                           "--ready-file=" + ready_file_});
  }

  // Starts it and waits until it takes calls.
  std::unique_ptr<ChildProcess> StartAndWait() {
    auto program = Start();
    EXPECT_TRUE(program->WaitForLineWith("takes calls")) << program->output();
    const json ports = json::parse(std::ifstream(ready_file_));
    port_ = ports["port"];
    admin_port_ = ports["admin_port"];
    return program;
  }

  // Runs it to its end: what it is expected to end with, and say.
  void ExpectExit(int code, const testing::Matcher<std::string>& output) {
    auto program = Start();
    EXPECT_EQ(program->WaitForExit(), code);
    EXPECT_THAT(program->output(), output);
    EXPECT_FALSE(std::ifstream(ready_file_).good());
  }

  // One event, to the program.
  DeliverEventsResponse Deliver(absl::Duration time = absl::Minutes(1)) {
    DeliverEventsRequest request;
    request.set_integration_id("acme");
    *request.add_events() = support::LoggedIn("m-0", "u-1");
    DeliverEventsResponse response;
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + time));
    const grpc::Status status =
        DeliveryService::NewStub(
            grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_),
                                grpc::InsecureChannelCredentials()))
            ->DeliverEvents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  int AdminStatus(const char* path) {
    const auto answer = httplib::Client("127.0.0.1", admin_port_).Get(path);
    return answer ? answer->status : 0;
  }

  const ConfigFolder folder_;
  ScriptedTlsServer mparticle_;
  std::string config_;
  std::string ready_file_;
  int port_ = 0;
  int admin_port_ = 0;
};

TEST_F(SignalDeliveryTest, ServesUntilItIsToldToEnd) {
  for (const int signal : {SIGTERM, SIGINT}) {
    auto program = StartAndWait();
    EXPECT_EQ(AdminStatus("/healthz"), 200);
    EXPECT_EQ(AdminStatus("/readyz"), 200);
    EXPECT_EQ(AdminStatus("/no-such-page"), 404);
    const DeliverEventsResponse response = Deliver();
    ASSERT_THAT(response.results(), SizeIs(1));
    EXPECT_EQ(response.results(0).outcome(), OUTCOME_ACCEPTED);
    program->Signal(signal);
    EXPECT_EQ(program->WaitForExit(), 0) << program->output();
    EXPECT_THAT(program->output(), Not(HasSubstr("canary")));
  }
}

TEST_F(SignalDeliveryTest, AnswersTheCallUnderWayBeforeItEnds) {
  WriteService({.drain_seconds = 1});
  auto program = StartAndWait();
  mparticle_.OnNextRequest(Action::Stall());
  auto response = std::async(std::launch::async, [this] { return Deliver(); });
  mparticle_.WaitForRequests(1);
  program->Signal(SIGTERM);
  const DeliverEventsResponse results = response.get();
  ASSERT_THAT(results.results(), SizeIs(1));
  EXPECT_EQ(results.results(0).outcome(), OUTCOME_UNKNOWN);
  EXPECT_EQ(program->WaitForExit(), 0) << program->output();
}

TEST_F(SignalDeliveryTest, LetsTheCallUnderWayFinish) {
  absl::Notification may_answer;
  auto program = StartAndWait();
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  auto response = std::async(std::launch::async, [this] { return Deliver(); });
  mparticle_.WaitForRequests(1);
  program->Signal(SIGTERM);
  EXPECT_TRUE(program->WaitForLineWith(kDraining)) << program->output();
  may_answer.Notify();
  const DeliverEventsResponse results = response.get();
  ASSERT_THAT(results.results(), SizeIs(1));
  EXPECT_EQ(results.results(0).outcome(), OUTCOME_ACCEPTED);
  EXPECT_EQ(program->WaitForExit(), 0) << program->output();
}

TEST_F(SignalDeliveryTest, TakesCallsWhileItLetsClientsLeave) {
  WriteService({.leave_seconds = 600});
  auto program = StartAndWait();
  program->Signal(SIGTERM);
  EXPECT_TRUE(program->WaitForLineWith("is about to end")) << program->output();
  EXPECT_EQ(AdminStatus("/readyz"), 503);
  EXPECT_EQ(AdminStatus("/healthz"), 200);
  EXPECT_EQ(Deliver().results(0).outcome(), OUTCOME_ACCEPTED);
  program->Signal(SIGTERM);
  EXPECT_EQ(program->WaitForExit(), 0) << program->output();
}

TEST_F(SignalDeliveryTest, TakesAChangedFileIntoUseByItself) {
  auto program = StartAndWait();
  EXPECT_EQ(Deliver().results(0).reason(), REASON_TAKEN);
  WriteIntegration("skip_repeats: false\n");
  EXPECT_TRUE(program->WaitForLineWith("integrations are read again"))
      << program->output();
  EXPECT_EQ(Deliver().results(0).reason(), REASON_TAKEN)
      << "not TAKEN_EARLIER, as before the change";
}

TEST_F(SignalDeliveryTest, AnswersSighupAndKeepsWhatItHasWhereAFileIsWrong) {
  auto program = StartAndWait();
  program->Signal(SIGHUP);
  EXPECT_TRUE(program->WaitForLineWith("integrations are read again"))
      << program->output();
  WriteIntegration("skip_repeat: false\n");
  program->Signal(SIGHUP);
  EXPECT_TRUE(program->WaitForLineWith("unknown key \\\"skip_repeat\\\""))
      << program->output();
  EXPECT_EQ(Deliver().results(0).reason(), REASON_TAKEN);
  EXPECT_THAT(program->output(), Not(HasSubstr("canary")));
}

TEST_F(SignalDeliveryTest, SighupTriesAtOnceAKeyThatWasRefused) {
  // Shorter than the second after which it would be tried all the same.
  constexpr absl::Duration kNoTimeForAProbe = absl::Milliseconds(800);
  auto program = StartAndWait();
  mparticle_.OnNextRequest(Action::Answer(401));
  EXPECT_EQ(Deliver().results(0).reason(), REASON_UNAUTHORIZED);
  program->Signal(SIGHUP);
  EXPECT_TRUE(program->WaitForLineWith("are tried at once"))
      << program->output();
  const DeliverEventsResponse response = Deliver(kNoTimeForAProbe);
  EXPECT_EQ(response.results(0).reason(), REASON_TAKEN);
}

TEST_F(SignalDeliveryTest, BadServiceFileIsExitCodeTwo) {
  config_ = folder_.Write("service.yaml", "lisen: 127.0.0.1:0\n");
  ExpectExit(2, AllOf(HasSubstr(config_ + ":1:1: lisen: "),
                      HasSubstr("did you mean \\\"listen\\\"?")));
}

TEST_F(SignalDeliveryTest, BadIntegrationIsExitCodeTwo) {
  WriteIntegration("presett: default");
  ExpectExit(2, AllOf(HasSubstr("integrations/acme.yaml:10:1: presett: "),
                      HasSubstr("did you mean \\\"preset\\\"?"),
                      Not(HasSubstr("canary"))));
}

TEST_F(SignalDeliveryTest, RefusesABadCertificateAndTakesAGoodOneIntoUse) {
  const auto& made = support::TestCertificates::Get();
  folder_.Write("server.pem", made.good().certificate);
  folder_.Write("server.key", made.wrong_host().private_key);
  config_ = folder_.Write(
      "service.yaml",
      "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
      "integrations_dir: integrations\n"
      "tls: {certificate: server.pem, private_key: server.key}\n");
  ExpectExit(2, HasSubstr(config_ + ":4:1: tls.private_key: "));

  folder_.Write("server.key", made.good().private_key);
  auto program = StartAndWait();
  folder_.Write("server.key", made.wrong_host().private_key);
  EXPECT_TRUE(program->WaitForLineWith("the certificate stays as it was"))
      << program->output();
  EXPECT_TRUE(support::Caller::Tls(port_).Deliver().ok());
  folder_.Write("server.pem", made.wrong_host().certificate);
  EXPECT_TRUE(program->WaitForLineWith("the certificate is good"))
      << program->output();
  EXPECT_FALSE(support::Caller::Tls(port_).Deliver().ok())
      << "the new one is not for this host";
}

TEST_F(SignalDeliveryTest, MissingFileIsExitCodeTwo) {
  config_ = "no-such-file.yaml";
  ExpectExit(2, HasSubstr("no-such-file.yaml: cannot be read"));
}

TEST_F(SignalDeliveryTest, WrongUsageIsExitCodeTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--confg=x"}, {"--config=x", "more"}}) {
    ChildProcess program(kProgram, arguments);
    EXPECT_EQ(program.WaitForExit(), 2) << program.output();
    EXPECT_THAT(program.output(), HasSubstr("--"));
  }
}

TEST_F(SignalDeliveryTest, TakenPortIsExitCodeOne) {
  const std::string taken = mparticle_.address_and_port();
  WriteService({.listen = taken});
  ExpectExit(1, HasSubstr("listen: cannot listen on " + taken));
  WriteService({.admin_listen = taken});
  ExpectExit(1, HasSubstr("admin_listen: cannot listen on " + taken));
}

TEST_F(SignalDeliveryTest, TwoDoNotShareAPort) {
  const auto first = StartAndWait();
  std::remove(ready_file_.c_str());
  WriteService({.listen = absl::StrCat("127.0.0.1:", port_)});
  ExpectExit(1, HasSubstr("listen: cannot listen on "));
  WriteService({.admin_listen = absl::StrCat("127.0.0.1:", admin_port_)});
  ExpectExit(1, HasSubstr("admin_listen: cannot listen on "));
}

}  // namespace
}  // namespace signal_delivery::server
