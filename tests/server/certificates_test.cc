// The port's certificate and its change while the service runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <future>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/server_certificates.h"
#include "tests/support/caller.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/server_action.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using support::Caller;
using support::Identity;
using support::TestCertificates;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHere[] = "DNS:localhost,IP:127.0.0.1";

class CertificatesTest : public testing::Test {
 protected:
  CertificatesTest() { WritePair(TestCertificates::Get().good()); }

  void WritePair(const Identity& identity) {
    folder_.Write("server.pem", identity.certificate);
    folder_.Write("server.key", identity.private_key);
  }

  TlsFiles Files(const std::string& client_ca = "") const {
    return {.certificate = folder_.path() + "/server.pem",
            .private_key = folder_.path() + "/server.key",
            .client_ca = client_ca,
            .crl = crl_,
            .location = "service.yaml:3:1: tls"};
  }

  void Start(const std::string& client_ca = "") {
    service_ = std::make_unique<support::RunningService>(
        std::map<std::string, std::string>{
            {"acme",
             support::IntegrationText(mparticle_.name_and_port(),
                                      TestCertificates::Get().ca_file())}},
        absl::StrCat("tls:\n  certificate: ", folder_.path(), "/server.pem\n",
                     "  private_key: ", folder_.path(), "/server.key\n",
                     client_ca.empty() ? "" : "  client_ca: ", client_ca,
                     crl_.empty() ? "" : "\n  crl: ", crl_, "\n"));
    port_ = service_->server().port();
  }

  ServerCertificates& certificates() {
    return *service_->server().certificates();
  }

  const support::ConfigFolder folder_;
  std::string crl_;
  support::ScriptedTlsServer mparticle_;
  std::unique_ptr<support::RunningService> service_;
  int port_ = 0;
};

TEST_F(CertificatesTest, ANewPairServesNewConnectionsWhileOldOnesGoOn) {
  // Clients refuse this one: it shows which one they got.
  WritePair(TestCertificates::Get().Issue("DNS:elsewhere.test"));
  Start();
  EXPECT_EQ(Caller::Tls(port_).Deliver().error_code(),
            grpc::StatusCode::UNAVAILABLE);

  WritePair(TestCertificates::Get().good());
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  EXPECT_FALSE(certificates().Reload(absl::Now()).value());
  Caller old = Caller::Tls(port_);
  ASSERT_TRUE(old.Deliver().ok());

  WritePair(TestCertificates::Get().Issue("DNS:elsewhere.test"));
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  EXPECT_TRUE(old.Deliver().ok());
  EXPECT_EQ(Caller::Tls(port_).Deliver().error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(old.Deliver().ok());
}

TEST_F(CertificatesTest, ACallUnderWayOutlivesTheChange) {
  Start();
  absl::Notification changed;
  mparticle_.OnNextRequest(support::Action::Answer(202).After(changed));
  Caller caller = Caller::Tls(port_);
  auto status =
      std::async(std::launch::async, [&] { return caller.Deliver(); });
  mparticle_.WaitForRequests(1);
  WritePair(TestCertificates::Get().Issue(kHere));
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  EXPECT_TRUE(Caller::Tls(port_).Deliver("no-such").error_code() ==
              grpc::StatusCode::NOT_FOUND);
  changed.Notify();
  EXPECT_TRUE(status.get().ok());
}

TEST_F(CertificatesTest, ABadPairIsRefusedWhileTheOldOneServes) {
  Start();
  const absl::Time expiry = certificates().expiry();
  const TestCertificates& made = TestCertificates::Get();
  for (const Identity& bad :
       {Identity{made.good().certificate, made.wrong_host().private_key},
        made.expired(), made.Issue(kHere, 1, 2), Identity{"", ""},
        Identity{made.good().certificate, ""},
        Identity{"nonsense", made.good().private_key}}) {
    WritePair(bad);
    EXPECT_FALSE(certificates().Reload(absl::Now()).ok());
    const grpc::Status status = Caller::Tls(port_).Deliver();
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(certificates().expiry(), expiry);
  }
  std::remove((folder_.path() + "/server.key").c_str());
  EXPECT_FALSE(certificates().Reload(absl::Now()).ok());
  EXPECT_TRUE(Caller::Tls(port_).Deliver().ok());

  WritePair(made.Issue(kHere, -1, 2));
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  EXPECT_TRUE(Caller::Tls(port_).Deliver().ok());
  EXPECT_GT(certificates().expiry(), expiry);
}

TEST_F(CertificatesTest, AnAuthorityThatIsTakenOutLetsItsClientsInNoMore) {
  const TestCertificates& made = TestCertificates::Get();
  const std::string trusted =
      folder_.Write("clients.pem", made.self_signed().certificate);
  Start(trusted);
  EXPECT_EQ(Caller::Tls(port_, made.good()).Deliver().error_code(),
            grpc::StatusCode::UNAVAILABLE);
  folder_.Write("clients.pem", support::AuthorityPem());
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  EXPECT_TRUE(Caller::Tls(port_, made.good()).Deliver().ok());
  folder_.Write("clients.pem", made.self_signed().certificate);
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  EXPECT_EQ(Caller::Tls(port_, made.good()).Deliver().error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(CertificatesTest, AClientThatIsRevokedIsRefusedAlsoWhereItIsConnected) {
  const TestCertificates& made = TestCertificates::Get();
  const Identity taken_back = made.Issue("DNS:lost.test");
  crl_ = folder_.Write("clients.crl", made.Revoke({}));
  Start(made.ca_file());
  Caller lost = Caller::Tls(port_, taken_back);
  Caller other = Caller::Tls(port_, made.good());
  ASSERT_TRUE(lost.Deliver().ok());

  folder_.Write("clients.crl", made.Revoke({taken_back}));
  EXPECT_TRUE(certificates().Reload(absl::Now()).value());
  for (const grpc::Status& status :
       {lost.Deliver(), Caller::Tls(port_, taken_back).Preview()}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(support::ReasonOf(status), "REVOKED_CERTIFICATE");
  }
  EXPECT_TRUE(other.Deliver().ok());
  EXPECT_TRUE(Caller::Tls(port_, made.good()).Deliver().ok());
}

TEST_F(CertificatesTest, ARevokedPairIsRefusedWhileTheOldOneServes) {
  const TestCertificates& made = TestCertificates::Get();
  const Identity stolen = made.Issue(kHere);
  crl_ = folder_.Write("clients.crl", made.Revoke({stolen}));
  Start(made.ca_file());
  EXPECT_TRUE(certificates().last_reload_was_good());
  WritePair(stolen);
  const auto changed = certificates().Reload(absl::Now());
  EXPECT_THAT(
      std::string(changed.status().message()),
      AllOf(HasSubstr("tls.certificate: "), HasSubstr("is revoked by")));
  EXPECT_FALSE(certificates().last_reload_was_good());
  EXPECT_TRUE(Caller::Tls(port_, made.good()).Deliver().ok());
}

TEST_F(CertificatesTest, AListThatCannotBeReliedOnIsRefused) {
  const TestCertificates& made = TestCertificates::Get();
  crl_ = folder_.path() + "/clients.crl";
  const auto expect = [&](const std::string& list, const char* client_ca,
                          const char* says) {
    folder_.Write("clients.crl", list);
    const auto loaded = ServerCertificates::Load(Files(client_ca), absl::Now());
    EXPECT_THAT(std::string(loaded.status().message()),
                AllOf(HasSubstr("tls.crl: "), HasSubstr(says)));
  };
  const std::string other =
      folder_.Write("other.pem", made.self_signed().certificate);
  expect("nonsense", made.ca_file().c_str(), "holds none");
  expect(made.Revoke({}, 0), made.ca_file().c_str(),
         "should have been renewed by 20");
  expect(made.Revoke({}), other.c_str(), "none of client_ca signed");
  std::string broken = made.Revoke({made.good()});
  broken.replace(broken.size() / 2, 8, "********");
  expect(broken, made.ca_file().c_str(), "holds none");
}

TEST_F(CertificatesTest, KnowWhenTheFirstOfThemExpires) {
  // The service's own is good for a day, the one behind it for two.
  folder_.Write(
      "server.pem",
      absl::StrCat(TestCertificates::Get().good().certificate,
                   TestCertificates::Get().Issue(kHere, -1, 2).certificate));
  const auto loaded = ServerCertificates::Load(Files(), absl::Now());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_LT((*loaded)->expiry(), absl::Now() + absl::Hours(24));
  EXPECT_GT((*loaded)->expiry(), absl::Now() + absl::Hours(23));
  EXPECT_FALSE(ServerCertificates::Load(Files(), (*loaded)->expiry()).ok());
}

TEST_F(CertificatesTest, SayWhichKeyOfTheFileIsWrongAndWhy) {
  const TestCertificates& made = TestCertificates::Get();
  const auto expect = [&](const Identity& pair, const char* key,
                          const char* says) {
    WritePair(pair);
    const auto loaded = ServerCertificates::Load(Files(), absl::Now());
    ASSERT_FALSE(loaded.ok()) << key << says;
    EXPECT_THAT(std::string(loaded.status().message()),
                AllOf(HasSubstr(absl::StrCat("service.yaml:3:1: tls.", key,
                                             ": ", folder_.path())),
                      HasSubstr(says), Not(HasSubstr("BEGIN"))));
  };
  expect({made.good().certificate, made.wrong_host().private_key},
         "private_key", "is not the key of");
  expect(made.expired(), "certificate", "expired at 20");
  expect(made.Issue(kHere, 1, 2), "certificate", "is not valid before 20");
  expect({made.good().private_key, made.good().certificate}, "certificate",
         "holds none");
  expect({made.good().certificate + "-----BEGIN CERTIFICATE-----\nAA\n",
          made.good().private_key},
         "certificate", "broken");
  expect({made.good().certificate, made.good().certificate}, "private_key",
         "must hold a PEM private key");
  WritePair(made.good());
  const auto loaded = ServerCertificates::Load(
      Files(folder_.Write("ca.pem", "nothing")), absl::Now());
  EXPECT_THAT(std::string(loaded.status().message()),
              HasSubstr("tls.client_ca: "));
  const auto missing = ServerCertificates::Load(Files("/no/such"), absl::Now());
  EXPECT_THAT(std::string(missing.status().message()),
              HasSubstr("tls.client_ca: /no/such: cannot be read"));
}

TEST_F(CertificatesTest, AnEncryptedKeyIsAnErrorAndNoQuestionOnTheTerminal) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  BIO* bio = BIO_new(BIO_s_mem());
  char passphrase[] = "canary";
  ASSERT_EQ(
      PEM_write_bio_PrivateKey(bio, key, EVP_aes_128_cbc(),
                               reinterpret_cast<unsigned char*>(passphrase), 6,
                               nullptr, nullptr),
      1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  WritePair(
      {TestCertificates::Get().good().certificate, std::string(data, size)});
  BIO_free(bio);
  EVP_PKEY_free(key);
  const auto loaded = ServerCertificates::Load(Files(), absl::Now());
  EXPECT_THAT(std::string(loaded.status().message()),
              HasSubstr("without a passphrase"));
}

}  // namespace
}  // namespace signal_delivery::server
