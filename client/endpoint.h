#ifndef CLIENT_ENDPOINT_H_
#define CLIENT_ENDPOINT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::client {

// Where an HTTPS server listens. A plain value.
struct Endpoint {
  static constexpr uint16_t kHttpsPort = 443;

  // A DNS name in lower case, or an IP address without brackets.
  std::string host;
  uint16_t port = kHttpsPort;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Endpoint& endpoint) {
    return H::combine(std::move(h), endpoint.host, endpoint.port);
  }
};

// Reads "name", "name:8443", "192.0.2.1:8443", "[2001:db8::1]:8443". Without a
// port it is 443. INVALID_ARGUMENT says what is wrong; a scheme, a path or a
// user is refused.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text);

// The endpoint as ParseEndpoint reads it, the port left out where it is 443:
// also the value of the Host header.
std::string FormatEndpoint(const Endpoint& endpoint);

// Whether the host is an IP address: such a host needs no lookup, gets no SNI
// and is looked for among the certificate's addresses instead of its names.
bool IsIpAddress(absl::string_view host);

}  // namespace signal_delivery::client

#endif  // CLIENT_ENDPOINT_H_
