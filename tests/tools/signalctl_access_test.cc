// signalctl at a service that asks who calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/test_certificates.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/run.h"

namespace signal_delivery::cli {
namespace {

using support::Identity;
using support::TestCertificates;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEvent[] =
    R"({"type": "page", "name": "Home", "userId": "u", "messageId": "m",
        "timestamp": "2026-01-01T00:00:00Z"})";
constexpr char kToken[] = "canary-token";

class AccessTest : public testing::Test {
 protected:
  ~AccessTest() override { unsetenv("SIGNALCTL_TOKEN"); }

  static std::string TokenCaller() {
    // printf %s canary-token | sha256sum
    return "callers: [{name: operator, token_sha256: "
           "4b598de5faa6a2208f99f7b8a6b61378ac7d7a36d9524056e9be61c17c37667f}]"
           "\n";
  }

  std::string TlsLines(bool client_ca) const {
    const Identity& server = TestCertificates::Get().good();
    return absl::StrCat(
        "tls:\n  certificate: ",
        folder_.Write("server.pem", server.certificate),
        "\n  private_key: ", folder_.Write("server.key", server.private_key),
        client_ca ? absl::StrCat("\n  client_ca: ", ca_) : "", "\n");
  }

  void Start(const std::string& lines) {
    service_ = std::make_unique<support::RunningService>(
        std::map<std::string, std::string>{
            {"acme",
             support::IntegrationText(mparticle_.name_and_port(), ca_)}},
        lines);
    server_ = absl::StrCat("127.0.0.1:", service_->server().port());
  }

  int Run(const std::string& command, std::vector<std::string> args) {
    args.insert(args.begin(), command);
    args.push_back("--server=" + server_);
    args.push_back("--integration=acme");
    std::istringstream in(kEvent);
    std::ostringstream out, err;
    const int exit_code = cli::Run(args, {in, out, err, /*color=*/false});
    err_ = err.str();
    EXPECT_THAT(out.str() + err_, Not(HasSubstr("canary")));
    return exit_code;
  }

  const support::ConfigFolder folder_;
  const std::string ca_ = TestCertificates::Get().ca_file();
  support::ScriptedTlsServer mparticle_;
  std::unique_ptr<support::RunningService> service_;
  std::string server_;
  std::string err_;
};

TEST_F(AccessTest, ShowsItsCertificate) {
  Start(absl::StrCat(TlsLines(true),
                     "callers: [{name: operator, san: operator.test}]\n"));
  const Identity identity = TestCertificates::Get().Issue("DNS:operator.test");
  const std::string cert =
      "--tls-cert=" + folder_.Write("operator.pem", identity.certificate);
  const std::string key =
      "--tls-key=" + folder_.Write("operator.key", identity.private_key);
  for (const char* command : {"deliver", "preview"}) {
    EXPECT_EQ(Run(command, {"--tls-ca=" + ca_, cert, key}), kExitOk) << err_;
    EXPECT_EQ(Run(command, {"--tls-ca=" + ca_}), kExitCallFailed);
    EXPECT_THAT(err_, HasSubstr("a certificate (--tls-cert)?"));
    EXPECT_EQ(Run(command, {}), kExitCallFailed);
    EXPECT_THAT(err_, HasSubstr("want TLS (--tls-ca)?"));
  }
  EXPECT_EQ(Run("deliver", {"--tls-ca=" + ca_, cert}), kExitUsage);
  EXPECT_EQ(Run("deliver", {cert, key}), kExitUsage);
  EXPECT_EQ(Run("deliver", {"--tls-ca=/no/such"}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("/no/such: cannot be read"));
}

TEST_F(AccessTest, ShowsItsTokenFromAFileOrTheEnvironment) {
  Start(absl::StrCat(TlsLines(false), TokenCaller()));
  const std::string ca = "--tls-ca=" + ca_;
  const std::string token =
      "--token-file=" + folder_.Write("token", absl::StrCat(kToken, "\n"));
  for (const char* command : {"deliver", "preview"}) {
    unsetenv("SIGNALCTL_TOKEN");
    EXPECT_EQ(Run(command, {ca, token}), kExitOk) << err_;
    EXPECT_EQ(Run(command, {ca}), kExitCallFailed);
    EXPECT_THAT(err_, HasSubstr("UNAUTHENTICATED"));
    EXPECT_THAT(err_, HasSubstr("Give --token-file"));
    setenv("SIGNALCTL_TOKEN", kToken, 1);
    EXPECT_EQ(Run(command, {ca}), kExitOk) << err_;
    setenv("SIGNALCTL_TOKEN", "else", 1);
    EXPECT_EQ(Run(command, {ca, token}), kExitOk) << "the file counts";
    EXPECT_EQ(Run(command, {ca}), kExitCallFailed);
  }
}

TEST_F(AccessTest, SendsATokenInPlaintextToItsOwnMachineOnly) {
  Start(TokenCaller());
  const std::string token = "--token-file=" + folder_.Write("token", kToken);
  EXPECT_EQ(Run("deliver", {token}), kExitOk) << err_;
  server_ = "192.0.2.1:50051";
  EXPECT_EQ(Run("deliver", {token}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("give --tls-ca"));
}

TEST_F(AccessTest, SaysThatATokenIsNone) {
  Start(TokenCaller());
  for (const char* text : {"", "\n", "canary token", "canary\x01", "canaré"}) {
    EXPECT_EQ(Run("deliver", {"--token-file=" + folder_.Write("token", text)}),
              kExitUsage);
    EXPECT_THAT(err_, HasSubstr("expected a token"));
  }
}

}  // namespace
}  // namespace signal_delivery::cli
