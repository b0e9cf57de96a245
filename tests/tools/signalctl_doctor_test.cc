// `signalctl doctor` against deployments in which one thing is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/live_integrations.h"
#include "server/server.h"
#include "server/service_config.h"
#include "tests/support/config_folder.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/server_action.h"
#include "tests/support/test_certificates.h"
#include "tests/support/unused_port.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/run.h"

namespace signal_delivery::cli {
namespace {

using support::Action;
using support::TestCertificates;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DoctorTest : public testing::Test {
 protected:
  DoctorTest() { SetClock(absl::Now()); }

  // What mParticle's clock says.
  void SetClock(absl::Time now) {
    mparticle_.ByDefault(Action::Answer(
        404, "",
        {absl::StrCat("Date: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                                 now, absl::UTCTimeZone()))}));
  }
  void WriteIntegration(const std::string& host, const std::string& piece = "",
                        const std::string& replacement = "") {
    std::string text =
        support::IntegrationText(host, TestCertificates::Get().ca_file());
    if (!piece.empty()) {
      EXPECT_TRUE(absl::StrContains(text, piece));
      text = absl::StrReplaceAll(text, {{piece, replacement}});
    }
    folder_.Write("integrations/acme.yaml", text);
  }
  std::string Examine(const std::string& more = "") {
    const std::string config = folder_.Write(
        "service.yaml", absl::StrCat("listen: 127.0.0.1:0\n"
                                     "integrations_dir: integrations\n"
                                     "max_connections_per_host: 2\n",
                                     more));
    std::istringstream in;
    std::ostringstream out;
    exit_code_ = cli::Run({"doctor", "--config=" + config}, {in, out, out});
    EXPECT_THAT(out.str(), Not(HasSubstr(support::kApiSecret)));
    return out.str();
  }

  const support::ConfigFolder folder_;
  support::ScriptedTlsServer mparticle_;
  int exit_code_ = -1;
};

TEST_F(DoctorTest, FindsNothingWhereAllIsWellAndSendsNoKey) {
  WriteIntegration(mparticle_.name_and_port());
  EXPECT_THAT(
      Examine(),
      AllOf(HasSubstr("ok       integration acme: good, delivers to localhost"),
            HasSubstr("found, reached, its certificate trusted"),
            HasSubstr("ok       clock: agrees"),
            HasSubstr("0 faults, 0 warnings")));
  EXPECT_EQ(exit_code_, kExitOk);
  for (const auto& request : mparticle_.requests()) {
    EXPECT_THAT(request.head, Not(HasSubstr("Authorization")));
    EXPECT_EQ(request.body, "");
  }
}

TEST_F(DoctorTest, AFileThatIsWrongIsNamedWithTheRemedy) {
  WriteIntegration(mparticle_.name_and_port(), support::kApiKey,
                   "{env: NOT_SET_HERE}");
  EXPECT_THAT(Examine(), AllOf(HasSubstr("FAULT"), HasSubstr("acme.yaml:4:"),
                               HasSubstr("NOT_SET_HERE is not set")));
  EXPECT_EQ(exit_code_, kExitFault);
  EXPECT_THAT(Examine("drain_second: 1\n"),
              HasSubstr("did you mean \"drain_seconds\"?"));
  EXPECT_EQ(exit_code_, kExitFault);
}

TEST_F(DoctorTest, ANameThatIsNotFound) {
  WriteIntegration("nowhere.invalid");
  EXPECT_THAT(Examine(), AllOf(HasSubstr("FAULT    host nowhere.invalid: "),
                               HasSubstr("getent hosts")));
  EXPECT_EQ(exit_code_, kExitFault);
}

TEST_F(DoctorTest, AHostThatCannotBeReached) {
  WriteIntegration(absl::StrCat("localhost:", support::UnusedPort()));
  EXPECT_THAT(Examine(),
              AllOf(HasSubstr(": no connection: "), HasSubstr("firewalls")));
  EXPECT_EQ(exit_code_, kExitFault);
}

TEST_F(DoctorTest, ACertificateThatIsNotTrusted) {
  WriteIntegration(mparticle_.name_and_port());
  for (const auto& [identity, why] :
       {std::pair(TestCertificates::Get().expired(), "expired"),
        std::pair(TestCertificates::Get().wrong_host(), "another name"),
        std::pair(TestCertificates::Get().other_authority(), "issuer")}) {
    mparticle_.SetIdentity(identity);
    EXPECT_THAT(Examine(), AllOf(HasSubstr(": TLS: "), HasSubstr(why)));
    EXPECT_EQ(exit_code_, kExitFault);
  }
  EXPECT_EQ(mparticle_.received_bytes(), 0u);
}

TEST_F(DoctorTest, AClockThatIsWrong) {
  WriteIntegration(mparticle_.name_and_port());
  SetClock(absl::Now() - absl::Minutes(1));
  EXPECT_THAT(Examine(), AllOf(HasSubstr("WARNING  clock: 1m"),
                               HasSubstr("ahead of that of localhost")));
  EXPECT_EQ(exit_code_, kExitOk);
  SetClock(absl::Now() + absl::Hours(1));
  EXPECT_THAT(Examine(), AllOf(HasSubstr("FAULT    clock: "),
                               HasSubstr("behind that of localhost")));
  EXPECT_EQ(exit_code_, kExitFault);
}

TEST_F(DoctorTest, AnEnvironmentForTestsIsPointedOut) {
  WriteIntegration(mparticle_.name_and_port(), "environment: production",
                   "environment: development");
  EXPECT_THAT(Examine(), HasSubstr("WARNING  integration acme: good, delivers "
                                   "to localhost"));
  EXPECT_EQ(exit_code_, kExitOk);
}

TEST_F(DoctorTest, TheCertificateOfTheGrpcPort) {
  WriteIntegration(mparticle_.name_and_port());
  const auto with = [this](const support::Identity& pair) {
    folder_.Write("server.pem", pair.certificate);
    folder_.Write("server.key", pair.private_key);
    return Examine("tls: {certificate: server.pem, private_key: server.key}\n");
  };
  const TestCertificates& made = TestCertificates::Get();
  EXPECT_THAT(with(made.Issue("DNS:here.test", -1, 30)),
              HasSubstr("ok       certificate of the gRPC port: good for "
                        "another 29 days"));
  EXPECT_THAT(with(made.Issue("DNS:here.test", -1, 5)),
              HasSubstr("WARNING  certificate of the gRPC port: good for "
                        "another 4 days"));
  EXPECT_EQ(exit_code_, kExitOk);
  EXPECT_THAT(with(made.expired()),
              AllOf(HasSubstr("FAULT"), HasSubstr("tls.certificate: "),
                    HasSubstr("expired at 20")));
  EXPECT_EQ(exit_code_, kExitFault);
}

TEST_F(DoctorTest, AServiceWhoseFilesChangedSinceItReadThem) {
  WriteIntegration(mparticle_.name_and_port());
  const auto config = server::LoadServiceConfig(
      folder_.Write("running.yaml",
                    "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
                    "integrations_dir: integrations\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  auto integrations = server::LiveIntegrations::Load(config->integrations_dir);
  ASSERT_TRUE(integrations.ok()) << integrations.status();
  const std::string version = (*integrations)->version();
  auto running = server::Server::Start(*config, *std::move(integrations));
  ASSERT_TRUE(running.ok()) << running.status();
  const std::string port =
      absl::StrCat("admin_listen: 127.0.0.1:", (*running)->admin_port());

  EXPECT_THAT(Examine(port),
              AllOf(HasSubstr("ok       the files are version " + version),
                    HasSubstr("ok       version " + version + " is in force"),
                    HasSubstr("0 warnings")));
  WriteIntegration(mparticle_.name_and_port(), "version: 2", "version: 2\n");
  EXPECT_THAT(Examine(port),
              AllOf(HasSubstr("WARNING  version " + version +
                              " is in force, which is not that of the files"),
                    Not(HasSubstr("the files are version " + version))));
  EXPECT_EQ(exit_code_, kExitOk);
}

TEST_F(DoctorTest, AServiceThatDoesNotRun) {
  WriteIntegration(mparticle_.name_and_port());
  EXPECT_THAT(
      Examine(absl::StrCat("admin_listen: 127.0.0.1:", support::UnusedPort())),
      HasSubstr("nothing answers there"));
  EXPECT_EQ(exit_code_, kExitOk);
}

}  // namespace
}  // namespace signal_delivery::cli
