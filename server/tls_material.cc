#include "server/tls_material.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/status_macros.h"
#include "server/file.h"

namespace signal_delivery::server {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;

absl::Status Error(const TlsFiles& files, absl::string_view key,
                   absl::string_view message) {
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat(files.location, ".", key, ": ", message));
}

Bio Open(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL would ask for an encrypted key's passphrase on the
// terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<std::string> Read(const TlsFiles& files, absl::string_view key,
                                 const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return Error(files, key, text.status().message());
  return text;
}

absl::StatusOr<std::vector<Certificate>> ParseCertificates(
    const TlsFiles& files, absl::string_view key, const std::string& path,
    const std::string& text) {
  std::vector<Certificate> certificates;
  const Bio bio = Open(text);
  while (true) {
    Certificate certificate(
        PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr));
    if (certificate == nullptr) break;
    certificates.push_back(std::move(certificate));
  }
  // No further one is how a good file ends.
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (certificates.empty() || !at_end) {
    return Error(files, key,
                 absl::StrCat(path, " must hold PEM certificates, and ",
                              certificates.empty() ? "holds none"
                                                   : "one of its is broken"));
  }
  return certificates;
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? absl::FromTimeT(timegm(&parts))
                                            : absl::InfinitePast();
}

std::string Written(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// That they are valid at `now`; the time when the first one is not any more.
absl::StatusOr<absl::Time> CheckTimes(
    const TlsFiles& files, const std::vector<Certificate>& certificates,
    absl::Time now) {
  absl::Time expiry = absl::InfiniteFuture();
  for (const Certificate& certificate : certificates) {
    const absl::Time begin = ToTime(X509_get0_notBefore(certificate.get()));
    const absl::Time end = ToTime(X509_get0_notAfter(certificate.get()));
    if (now < begin) {
      return Error(files, "certificate",
                   absl::StrCat(files.certificate, " is not valid before ",
                                Written(begin), "; is the clock right?"));
    }
    if (now >= end) {
      return Error(files, "certificate",
                   absl::StrCat(files.certificate, " expired at ", Written(end),
                                "; put a new pair there"));
    }
    expiry = std::min(expiry, end);
  }
  return expiry;
}

// What a TLS server does with them when a client connects.
absl::Status CheckPair(const TlsFiles& files, X509* certificate,
                       const std::string& private_key) {
  const Key key(PEM_read_bio_PrivateKey(Open(private_key).get(), nullptr,
                                        &NoPassphrase, nullptr));
  if (key == nullptr) {
    return Error(files, "private_key",
                 absl::StrCat(files.private_key,
                              " must hold a PEM private key without a "
                              "passphrase"));
  }
  const Context context(SSL_CTX_new(TLS_server_method()));
  if (SSL_CTX_use_certificate(context.get(), certificate) != 1) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    return Error(files, "certificate",
                 absl::StrCat(files.certificate, " cannot be used: ",
                              reason != nullptr ? reason : "unknown error"));
  }
  if (SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Error(files, "private_key",
                 absl::StrCat(files.private_key, " is not the key of ",
                              files.certificate));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsMaterial(const TlsFiles& files,
                                            absl::Time now) {
  TlsMaterial material;
  ASSIGN_OR_RETURN(material.certificates,
                   Read(files, "certificate", files.certificate));
  ASSIGN_OR_RETURN(material.private_key,
                   Read(files, "private_key", files.private_key));
  ASSIGN_OR_RETURN(const std::vector<Certificate> certificates,
                   ParseCertificates(files, "certificate", files.certificate,
                                     material.certificates));
  ASSIGN_OR_RETURN(material.expiry, CheckTimes(files, certificates, now));
  RETURN_IF_ERROR(
      CheckPair(files, certificates.front().get(), material.private_key));
  if (!files.client_ca.empty()) {
    ASSIGN_OR_RETURN(material.client_ca,
                     Read(files, "client_ca", files.client_ca));
    RETURN_IF_ERROR(ParseCertificates(files, "client_ca", files.client_ca,
                                      material.client_ca)
                        .status());
  }
  return material;
}

}  // namespace signal_delivery::server
