#ifndef TOOLS_SANDBOX_CERTIFICATES_H_
#define TOOLS_SANDBOX_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace signal_delivery::sandbox {

// What a server needs to be trusted, all in PEM.
struct Certificates {
  std::string ca_certificate;  // for the client to trust
  std::string certificate;     // for the server to show
  std::string private_key;     // of `certificate`
};

struct CertificateOptions {
  // Names and addresses the certificate is for.
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "::1"};
  absl::Time valid_from;
  absl::Time valid_until;
};

// Makes a certificate authority and a certificate signed by it. The authority's
// key is thrown away, so that nothing else can ever be signed with it. For
// tests and demonstrations on one machine; not for anything real.
absl::StatusOr<Certificates> MakeCertificates(
    const CertificateOptions& options);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_CERTIFICATES_H_
