#include "tools/sandbox/certificates.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Time = std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>>;

constexpr int kSerialBits = 127;  // RFC 5280 allows 20 octets, and positive

bool SetRandomSerial(X509* certificate) {
  BigNumber serial(BN_new());
  return serial != nullptr &&
         BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ANY,
                 BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) !=
             nullptr;
}

bool SetName(X509_NAME* name, const char* common_name) {
  return X509_NAME_add_entry_by_txt(
             name, "CN", MBSTRING_ASC,
             reinterpret_cast<const unsigned char*>(common_name), -1, -1,
             0) == 1;
}

bool SetValidity(X509* certificate, const CertificateOptions& options) {
  Time from(ASN1_TIME_set(nullptr, absl::ToTimeT(options.valid_from)));
  Time until(ASN1_TIME_set(nullptr, absl::ToTimeT(options.valid_until)));
  return from != nullptr && until != nullptr &&
         X509_set1_notBefore(certificate, from.get()) == 1 &&
         X509_set1_notAfter(certificate, until.get()) == 1;
}

bool AddExtension(X509* certificate, X509* issuer, int id,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr &&
         X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string AlternativeNames(const std::vector<std::string>& hosts) {
  return absl::StrJoin(hosts, ",", [](std::string* out, const auto& host) {
    const bool address =
        host.find_first_not_of("0123456789.") == std::string::npos ||
        host.find(':') != std::string::npos;
    absl::StrAppend(out, address ? "IP:" : "DNS:", host);
  });
}

// A certificate with everything but extensions and signature.
Certificate NewCertificate(const char* common_name, EVP_PKEY* key,
                           const CertificateOptions& options) {
  Certificate certificate(X509_new());
  if (certificate == nullptr ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetRandomSerial(certificate.get()) ||
      !SetName(X509_get_subject_name(certificate.get()), common_name) ||
      !SetValidity(certificate.get(), options) ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return nullptr;
  }
  return certificate;
}

bool Sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) ==
             1 &&
         X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, size);
}

std::string ToPem(X509* certificate) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return Text(bio.get());
}

std::string ToPem(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  return Text(bio.get());
}

}  // namespace

absl::StatusOr<Certificates> MakeCertificates(
    const CertificateOptions& options) {
  const absl::Status failed =
      absl::InternalError("OpenSSL could not make a certificate");
  Key ca_key(EVP_EC_gen("P-256"));
  Key key(EVP_EC_gen("P-256"));
  if (ca_key == nullptr || key == nullptr) return failed;

  Certificate ca =
      NewCertificate("mParticle sandbox CA", ca_key.get(), options);
  if (ca == nullptr ||
      !AddExtension(ca.get(), ca.get(), NID_basic_constraints,
                    "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(ca.get(), ca.get(), NID_key_usage,
                    "critical,keyCertSign,cRLSign") ||
      !AddExtension(ca.get(), ca.get(), NID_subject_key_identifier, "hash") ||
      !Sign(ca.get(), ca.get(), ca_key.get())) {
    return failed;
  }

  Certificate leaf = NewCertificate("mParticle sandbox", key.get(), options);
  if (leaf == nullptr ||
      !AddExtension(leaf.get(), ca.get(), NID_basic_constraints,
                    "critical,CA:FALSE") ||
      !AddExtension(leaf.get(), ca.get(), NID_key_usage,
                    "critical,digitalSignature") ||
      !AddExtension(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth") ||
      !AddExtension(leaf.get(), ca.get(), NID_authority_key_identifier,
                    "keyid") ||
      !AddExtension(leaf.get(), ca.get(), NID_subject_alt_name,
                    AlternativeNames(options.hosts)) ||
      !Sign(leaf.get(), ca.get(), ca_key.get())) {
    return failed;
  }
  return Certificates{ToPem(ca.get()), ToPem(leaf.get()), ToPem(key.get())};
}

}  // namespace signal_delivery::sandbox
