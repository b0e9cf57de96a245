#ifndef SERVER_REVOCATION_LIST_H_
#define SERVER_REVOCATION_LIST_H_

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace signal_delivery::server {

// The certificates that their authorities took back: one CRL (RFC 5280) or
// several. Looks at a certificate itself, not at those between it and the root.
//
// Thread-safe; immutable.
class RevocationList {
 public:
  // Revokes nothing.
  RevocationList() = default;

  // Reads PEM texts. INVALID_ARGUMENT where there is no CRL among `pem`, one is
  // not signed by any of the certificates in `authorities`, or is older than it
  // says that it may get: what was revoked since would not be known.
  static absl::StatusOr<RevocationList> Parse(const std::string& pem,
                                              const std::string& authorities,
                                              absl::Time now);

  bool empty() const { return lists_.empty(); }
  bool Revokes(X509& certificate) const;
  // The first one of a PEM text. What cannot be read counts as revoked.
  bool Revokes(absl::string_view pem) const;

 private:
  std::vector<std::shared_ptr<X509_CRL>> lists_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_REVOCATION_LIST_H_
