// The service's own file, changed while the service runs.
#include "server/service_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/caller.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using support::Caller;
using ::testing::HasSubstr;

// printf %s canary-token | sha256sum
constexpr char kHash[] =
    "4b598de5faa6a2208f99f7b8a6b61378ac7d7a36d9524056e9be61c17c37667f";

class ServiceFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& more) {
    return folder_.Write("service.yaml",
                         absl::StrCat("listen: 127.0.0.1:0\n"
                                      "integrations_dir: integrations\n",
                                      more));
  }
  grpc::Status Call() {
    return Caller::Plaintext(service_.server().port())
        .With({"Bearer canary-token"})
        .Deliver();
  }

  const support::ConfigFolder folder_;
  support::ScriptedTlsServer mparticle_;
  support::RunningService service_{
      {{"acme",
        support::IntegrationText(mparticle_.name_and_port(),
                                 support::TestCertificates::Get().ca_file())}}};
  Callers& callers_ = service_.server().callers();
  ServiceFile file_{Write(""), LoadServiceConfig(Write("")).value()};
};

TEST_F(ServiceFileTest, ATokenIsGivenAndTakenBackWithoutARestart) {
  Write(absl::StrCat("callers: [{name: a, token_sha256: ", kHash, "}]\n"));
  EXPECT_TRUE(file_.Reload(callers_)->callers);
  EXPECT_FALSE(file_.Reload(callers_)->callers);
  EXPECT_TRUE(Call().ok());
  Write(absl::StrCat("callers: [{name: a, token_sha256: ", std::string(64, '0'),
                     "}]\n"));
  const auto change = file_.Reload(callers_);
  EXPECT_TRUE(change->callers);
  EXPECT_FALSE(change->needs_restart);
  EXPECT_EQ(Call().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(ServiceFileTest, WhatNeedsARestartIsSaid) {
  EXPECT_FALSE(file_.Reload(callers_)->needs_restart);
  Write("drain_seconds: 7\n");
  EXPECT_TRUE(file_.Reload(callers_)->needs_restart);
  EXPECT_TRUE(file_.Reload(callers_)->needs_restart);
  Write("");
  EXPECT_FALSE(file_.Reload(callers_)->needs_restart);
}

TEST_F(ServiceFileTest, AWrongFileChangesNothing) {
  Write(absl::StrCat("callers: [{name: a, token_sha256: ", kHash, "}]\n"));
  ASSERT_TRUE(file_.Reload(callers_).ok());
  Write("callers: [{name: a}]\n");
  EXPECT_THAT(std::string(file_.Reload(callers_).status().message()),
              HasSubstr("callers[0]: "));
  EXPECT_TRUE(Call().ok());
}

}  // namespace
}  // namespace signal_delivery::server
