#ifndef SERVER_TLS_MATERIAL_H_
#define SERVER_TLS_MATERIAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/access_config.h"
#include "server/revocation_list.h"

namespace signal_delivery::server {

// What TlsFiles hold: PEM texts that work together.
struct TlsMaterial {
  std::string certificates;
  std::string private_key;
  std::string client_ca;
  std::string crl;
  // What `crl` says; empty where there is none.
  RevocationList revoked;
  // When the first of `certificates` expires.
  absl::Time expiry;
};

// Reads the files and checks all that would make handshakes fail: that they
// hold what they should, that the key is the certificate's, that all of the
// certificates are valid at `now` and the first is not revoked. The error names
// the key of the service's file, and holds nothing of the private key.
absl::StatusOr<TlsMaterial> ReadTlsMaterial(const TlsFiles& files,
                                            absl::Time now);

}  // namespace signal_delivery::server

#endif  // SERVER_TLS_MATERIAL_H_
