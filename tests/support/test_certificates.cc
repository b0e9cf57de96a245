#include "tests/support/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace signal_delivery::support {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

constexpr char kLocalhost[] = "DNS:localhost,IP:127.0.0.1,IP:::1";
constexpr long kDay = 24 * 60 * 60;  // NOLINT: X509_gmtime_adj takes a long

// Tests that cannot make a certificate cannot say anything.
void Check(bool ok) {
  if (ok) return;
  std::fputs("making a test certificate failed\n", stderr);
  std::abort();
}

struct Signer {
  Certificate certificate;
  Key key;
};

void AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  Check(extension != nullptr);
  Check(X509_add_ext(certificate, extension.get(), -1) == 1);
}

// Signed by `issuer`, by itself where there is none. An authority where
// `names` is null.
Signer Make(const char* common_name, const char* names, const Signer* issuer,
            long valid_from, long valid_until) {
  static int serial = 0;
  Signer made{.certificate = Certificate(X509_new()),
              .key = Key(EVP_EC_gen("P-256"))};
  X509* const certificate = made.certificate.get();
  Check(certificate != nullptr && made.key != nullptr);
  X509* const issued_by =
      issuer != nullptr ? issuer->certificate.get() : certificate;

  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_until);
  X509_set_pubkey(certificate, made.key.get());
  Check(X509_NAME_add_entry_by_txt(
            X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>(common_name), -1, -1,
            0) == 1);
  X509_set_issuer_name(certificate, X509_get_subject_name(issued_by));

  AddExtension(certificate, issued_by, NID_basic_constraints,
               names == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (names != nullptr) {
    AddExtension(certificate, issued_by, NID_subject_alt_name, names);
    AddExtension(certificate, issued_by, NID_ext_key_usage,
                 "serverAuth,clientAuth");
  }
  EVP_PKEY* const signing_key =
      issuer != nullptr ? issuer->key.get() : made.key.get();
  Check(X509_sign(certificate, signing_key, EVP_sha256()) > 0);
  return made;
}

// The one that tests trust.
const Signer& Authority() {
  static const Signer* const authority =
      new Signer(Make("Test authority", nullptr, nullptr, -kDay, kDay));
  return *authority;
}

std::string ContentsOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, size);
}

Identity ToPem(const Signer& signer) {
  std::unique_ptr<BIO, Free<BIO_free_all>> certificate(BIO_new(BIO_s_mem()));
  std::unique_ptr<BIO, Free<BIO_free_all>> key(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_X509(certificate.get(), signer.certificate.get()) == 1);
  Check(PEM_write_bio_PrivateKey(key.get(), signer.key.get(), nullptr, nullptr,
                                 0, nullptr, nullptr) == 1);
  return {.certificate = ContentsOf(certificate.get()),
          .private_key = ContentsOf(key.get())};
}

std::string WriteTemporaryFile(const std::string& contents) {
  const char* const folder = std::getenv("TEST_TMPDIR");
  std::string path =
      std::string(folder != nullptr ? folder : "/tmp") + "/test_ca_XXXXXX";
  const int file = mkstemp(path.data());
  Check(file >= 0);
  Check(write(file, contents.data(), contents.size()) ==
        static_cast<ssize_t>(contents.size()));
  close(file);
  return path;
}

}  // namespace

const TestCertificates& TestCertificates::Get() {
  static const TestCertificates* const certificates = new TestCertificates;
  return *certificates;
}

TestCertificates::TestCertificates() {
  const Signer& authority = Authority();
  const Signer other =
      Make("Somebody else's authority", nullptr, nullptr, -kDay, kDay);
  ca_file_ = WriteTemporaryFile(ToPem(authority).certificate);
  good_ = ToPem(Make("good", kLocalhost, &authority, -kDay, kDay));
  expired_ = ToPem(Make("expired", kLocalhost, &authority, -2 * kDay, -kDay));
  wrong_host_ = ToPem(Make("wrong host", "DNS:wrong.example,IP:192.0.2.1",
                           &authority, -kDay, kDay));
  self_signed_ = ToPem(Make("self-signed", kLocalhost, nullptr, -kDay, kDay));
  other_authority_ =
      ToPem(Make("other authority", kLocalhost, &other, -kDay, kDay));
}

Identity TestCertificates::Issue(const std::string& names, int from_day,
                                 int until_day) const {
  return ToPem(Make("issued", names.c_str(), &Authority(), from_day * kDay,
                    until_day * kDay));
}

std::string TestCertificates::Revoke(const std::vector<Identity>& revoked,
                                     int next_day) const {
  const std::unique_ptr<X509_CRL, Free<X509_CRL_free>> list(X509_CRL_new());
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> made(
      X509_gmtime_adj(nullptr, -kDay));
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> next(
      X509_gmtime_adj(nullptr, next_day * kDay));
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(
      list.get(), X509_get_subject_name(Authority().certificate.get()));
  X509_CRL_set1_lastUpdate(list.get(), made.get());
  X509_CRL_set1_nextUpdate(list.get(), next.get());
  for (const Identity& identity : revoked) {
    const std::unique_ptr<BIO, Free<BIO_free_all>> bio(
        BIO_new_mem_buf(identity.certificate.data(),
                        static_cast<int>(identity.certificate.size())));
    const Certificate certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    Check(certificate != nullptr);
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry,
                                  X509_get_serialNumber(certificate.get()));
    X509_REVOKED_set_revocationDate(entry, made.get());
    Check(X509_CRL_add0_revoked(list.get(), entry) == 1);
  }
  Check(X509_CRL_sign(list.get(), Authority().key.get(), EVP_sha256()) > 0);
  const std::unique_ptr<BIO, Free<BIO_free_all>> pem(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_X509_CRL(pem.get(), list.get()) == 1);
  return ContentsOf(pem.get());
}

}  // namespace signal_delivery::support
