#include "server/revocation_list.h"

#include <openssl/err.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/openssl_objects.h"

namespace signal_delivery::server {
namespace {

bool IsSignedBy(X509_CRL* list, const std::string& authorities) {
  const Bio bio = OpenText(authorities);
  while (const Certificate authority = ReadCertificate(*bio)) {
    if (X509_NAME_cmp(X509_CRL_get_issuer(list),
                      X509_get_subject_name(authority.get())) == 0 &&
        X509_CRL_verify(list, X509_get0_pubkey(authority.get())) == 1) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<RevocationList> RevocationList::Parse(
    const std::string& pem, const std::string& authorities, absl::Time now) {
  RevocationList all;
  const Bio bio = OpenText(pem);
  while (true) {
    const std::shared_ptr<X509_CRL> list(
        PEM_read_bio_X509_CRL(bio.get(), nullptr, &NoPassphrase, nullptr),
        &X509_CRL_free);
    if (list == nullptr) break;
    if (!IsSignedBy(list.get(), authorities)) {
      return absl::InvalidArgumentError(
          "has a revocation list that none of client_ca signed");
    }
    const ASN1_TIME* const next = X509_CRL_get0_nextUpdate(list.get());
    if (next != nullptr && now >= ToTime(next)) {
      return absl::InvalidArgumentError(
          absl::StrCat("should have been renewed by ",
                       absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToTime(next),
                                        absl::UTCTimeZone()),
                       "; put the authority's latest list there"));
    }
    all.lists_.push_back(list);
  }
  // No further one is how a good file ends.
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (all.empty() || !at_end) {
    return absl::InvalidArgumentError(
        absl::StrCat("must hold PEM revocation lists (X509 CRL), and ",
                     all.empty() ? "holds none" : "one of its is broken"));
  }
  return all;
}

bool RevocationList::Revokes(X509& certificate) const {
  for (const std::shared_ptr<X509_CRL>& list : lists_) {
    X509_REVOKED* entry = nullptr;
    if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()),
                      X509_get_issuer_name(&certificate)) == 0 &&
        X509_CRL_get0_by_cert(list.get(), &entry, &certificate) == 1) {
      return true;
    }
  }
  return false;
}

bool RevocationList::Revokes(absl::string_view pem) const {
  const Certificate certificate = ReadCertificate(*OpenText(pem));
  ERR_clear_error();
  return certificate == nullptr || Revokes(*certificate);
}

}  // namespace signal_delivery::server
