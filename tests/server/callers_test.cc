// Who may call what, over real sockets: the exact codes, and that who may not
// causes no work and learns nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/caller.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using support::Caller;
using support::Identity;
using support::ReasonOf;
using support::RunningService;
using support::TestCertificates;
using ::testing::HasSubstr;
using ::testing::Not;

// printf %s canary-token | sha256sum
constexpr char kHash[] =
    "4b598de5faa6a2208f99f7b8a6b61378ac7d7a36d9524056e9be61c17c37667f";
constexpr char kBearer[] = "Bearer canary-token";
constexpr char kDeliverers[] = "    methods: [DeliverEvents]\n";

class CallersTest : public testing::Test {
 protected:
  // With TLS or in plaintext; `client_ca` asks for certificates.
  void Start(bool tls, bool client_ca, const std::string& callers) {
    const Identity& server = TestCertificates::Get().good();
    const std::string files = absl::StrCat(
        "tls:\n  certificate: ",
        folder_.Write("server.pem", server.certificate),
        "\n  private_key: ", folder_.Write("server.key", server.private_key),
        "\n",
        client_ca
            ? absl::StrCat("  client_ca: ", TestCertificates::Get().ca_file(),
                           "\n")
            : "");
    const std::string integration = support::IntegrationText(
        mparticle_.name_and_port(), TestCertificates::Get().ca_file());
    service_ = std::make_unique<RunningService>(
        std::map<std::string, std::string>{{"acme", integration},
                                           {"beta", integration}},
        absl::StrCat(tls ? files : "", callers));
    port_ = service_->server().port();
  }

  static std::string TokenCaller(const std::string& more) {
    return absl::StrCat(
        "callers:\n  - name: checkout\n    token_sha256: ", kHash, "\n", more);
  }

  void ExpectRefused(const grpc::Status& status, grpc::StatusCode code,
                     const std::string& reason) {
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_EQ(ReasonOf(status), reason);
    EXPECT_THAT(status.error_message(), Not(HasSubstr("canary")));
    EXPECT_EQ(mparticle_.connections(), 0);
  }
  void ExpectUnknown(const grpc::Status& status) {
    ExpectRefused(status, grpc::StatusCode::UNAUTHENTICATED, "UNKNOWN_CALLER");
  }

  const support::ConfigFolder folder_;
  support::ScriptedTlsServer mparticle_;
  std::unique_ptr<RunningService> service_;
  int port_ = 0;
};

TEST_F(CallersTest, AreKnownByTheUriOrTheDnsNameOfTheirCertificate) {
  Start(true, true,
        "callers:\n"
        "  - {name: checkout, san: spiffe://test/checkout}\n"
        "  - {name: reports, san: [old.test, reports.test]}\n");
  for (const char* names :
       {"URI:spiffe://test/checkout", "DNS:reports.test", "DNS:old.test",
        "DNS:else.test,URI:spiffe://test/checkout"}) {
    const grpc::Status status =
        Caller::Tls(port_, TestCertificates::Get().Issue(names)).Deliver();
    EXPECT_TRUE(status.ok()) << names << ": " << status.error_message();
  }
}

TEST_F(CallersTest, OfNoKnownNameAreUnauthenticated) {
  Start(true, true,
        "callers:\n"
        "  - {name: checkout, san: spiffe://test/checkout}\n"
        "  - {name: reports, san: reports.test}\n");
  for (const char* names :
       {"DNS:else.test", "URI:spiffe://test/checkout/more",
        "URI:spiffe://test/Checkout", "DNS:*.test", "URI:https://reports.test",
        "email:reports.test", "DNS:reports.test.evil.test"}) {
    Caller caller = Caller::Tls(port_, TestCertificates::Get().Issue(names));
    ExpectUnknown(caller.Deliver());
    ExpectUnknown(caller.Preview());
  }
}

TEST_F(CallersTest, CannotConnectWithoutAGoodCertificateWhereOneIsAskedFor) {
  Start(true, true, "");
  const TestCertificates& certificates = TestCertificates::Get();
  for (Caller caller : {Caller::Tls(port_), Caller::Plaintext(port_),
                        Caller::Tls(port_, certificates.expired()),
                        Caller::Tls(port_, certificates.Issue("DNS:a", 1, 2)),
                        Caller::Tls(port_, certificates.other_authority()),
                        Caller::Tls(port_, certificates.self_signed())}) {
    const grpc::Status status = caller.Deliver();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE)
        << status.error_message();
  }
  EXPECT_EQ(mparticle_.connections(), 0);
  EXPECT_TRUE(Caller::Tls(port_, certificates.good()).Deliver().ok());
}

TEST_F(CallersTest, AreKnownByTheirTokenWithTlsAndOnLoopback) {
  Start(true, false, TokenCaller(""));
  EXPECT_TRUE(Caller::Tls(port_).With({kBearer}).Deliver().ok());
  EXPECT_TRUE(Caller::Tls(port_).With({"bEARER canary-token"}).Deliver().ok());
  Start(false, false, TokenCaller(""));
  EXPECT_TRUE(Caller::Plaintext(port_).With({kBearer}).Deliver().ok());
}

TEST_F(CallersTest, WithABadTokenAreUnauthenticated) {
  Start(true, false, TokenCaller(""));
  for (const std::vector<std::string>& shown :
       std::vector<std::vector<std::string>>{
           {},
           {"Bearer canary-toke"},
           {"Bearer canary-token2"},
           {"Bearer  canary-token"},
           {"Bearer "},
           {"Bearer"},
           {"canary-token"},
           {"Basic canary-token"},
           // What stands in the service's file is no token.
           {std::string("Bearer ") + kHash},
           {kBearer, kBearer},
           {kBearer, "Bearer else"}}) {
    Caller caller = Caller::Tls(port_).With(shown);
    ExpectUnknown(caller.Deliver());
    ExpectUnknown(caller.Preview());
  }
}

TEST_F(CallersTest, ABadTokenCountsBeforeAGoodCertificate) {
  Start(true, true, "callers: [{name: checkout, san: checkout.test}]\n");
  Caller caller =
      Caller::Tls(port_, TestCertificates::Get().Issue("DNS:checkout.test"));
  ExpectUnknown(caller.With({kBearer}).Deliver());
  EXPECT_TRUE(caller.With({}).Deliver().ok());
}

TEST_F(CallersTest, MayUseTheirIntegrationsAndLearnOfNoOther) {
  Start(false, false, TokenCaller("    integrations: [acme, gone]\n"));
  Caller caller = Caller::Plaintext(port_).With({kBearer});
  for (const char* integration : {"beta", "no-such", "*", "Acme"}) {
    ExpectRefused(caller.Deliver(integration),
                  grpc::StatusCode::PERMISSION_DENIED,
                  "INTEGRATION_NOT_ALLOWED");
    ExpectRefused(caller.Preview(integration),
                  grpc::StatusCode::PERMISSION_DENIED,
                  "INTEGRATION_NOT_ALLOWED");
  }
  EXPECT_EQ(caller.Deliver("gone").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(caller.Deliver("acme").ok());
}

TEST_F(CallersTest, MayCallTheirMethodsOnly) {
  Start(false, false, TokenCaller(kDeliverers));
  Caller caller = Caller::Plaintext(port_).With({kBearer});
  ExpectRefused(caller.Preview(), grpc::StatusCode::PERMISSION_DENIED,
                "METHOD_NOT_ALLOWED");
  ExpectRefused(caller.Preview("no-such"), grpc::StatusCode::PERMISSION_DENIED,
                "METHOD_NOT_ALLOWED");
  EXPECT_TRUE(caller.Deliver().ok());
  EXPECT_TRUE(caller.Deliver("beta").ok());
}

TEST_F(CallersTest, MayHaveOtherMethodsForOtherIntegrations) {
  Start(false, false,
        TokenCaller("    grants:\n"
                    "      - {integrations: acme, methods: DeliverEvents}\n"
                    "      - {integrations: beta, methods: PreviewEvents}\n"));
  Caller caller = Caller::Plaintext(port_).With({kBearer});
  ExpectRefused(caller.Deliver("beta"), grpc::StatusCode::PERMISSION_DENIED,
                "INTEGRATION_NOT_ALLOWED");
  ExpectRefused(caller.Preview("acme"), grpc::StatusCode::PERMISSION_DENIED,
                "INTEGRATION_NOT_ALLOWED");
  EXPECT_TRUE(caller.Preview("beta").ok());
  EXPECT_TRUE(caller.Deliver("acme").ok());
}

TEST_F(CallersTest, AreThoseThatWereNamedLast) {
  Start(false, false, TokenCaller(""));
  Caller caller = Caller::Plaintext(port_).With({kBearer});
  ASSERT_TRUE(caller.Deliver().ok());
  service_->server().callers().Replace(
      std::vector<server::Caller>{{.name = "else", .grants = {Grant()}}});
  EXPECT_EQ(caller.Deliver().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  service_->server().callers().Replace(std::nullopt);
  EXPECT_TRUE(caller.Deliver().ok());
}

TEST_F(CallersTest, AreToldByNameWhatTheyMayNot) {
  Start(false, false, TokenCaller("    integrations: acme\n"));
  EXPECT_THAT(
      Caller::Plaintext(port_).With({kBearer}).Deliver("beta").error_message(),
      HasSubstr("\"checkout\" may not call DeliverEvents for \"beta\""));
}

}  // namespace
}  // namespace signal_delivery::server
