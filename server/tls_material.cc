#include "server/tls_material.h"

#include <openssl/err.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/status_macros.h"
#include "server/file.h"
#include "server/openssl_objects.h"

namespace signal_delivery::server {
namespace {

absl::Status Error(const TlsFiles& files, absl::string_view key,
                   absl::string_view message) {
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat(files.location, ".", key, ": ", message));
}

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
  const Bio bio = OpenText(text);
  while (Certificate certificate = ReadCertificate(*bio)) {
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
  const Key key(PEM_read_bio_PrivateKey(OpenText(private_key).get(), nullptr,
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

// Reads the list, and sees that it lets the service's own certificate be.
absl::Status ReadRevocations(const TlsFiles& files, X509& own, absl::Time now,
                             TlsMaterial& material) {
  ASSIGN_OR_RETURN(material.crl, Read(files, "crl", files.crl));
  absl::StatusOr<RevocationList> revoked =
      RevocationList::Parse(material.crl, material.client_ca, now);
  if (!revoked.ok()) {
    return Error(files, "crl",
                 absl::StrCat(files.crl, " ", revoked.status().message()));
  }
  if (revoked->Revokes(own)) {
    return Error(files, "certificate",
                 absl::StrCat(files.certificate, " is revoked by ", files.crl,
                              "; put a new pair there"));
  }
  material.revoked = *std::move(revoked);
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
  if (!files.crl.empty()) {
    RETURN_IF_ERROR(
        ReadRevocations(files, *certificates.front(), now, material));
  }
  return material;
}

}  // namespace signal_delivery::server
