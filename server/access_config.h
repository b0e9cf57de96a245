#ifndef SERVER_ACCESS_CONFIG_H_
#define SERVER_ACCESS_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "mapping/config_node.h"

namespace signal_delivery::server {

// What the gRPC port shows of itself, and whom it lets connect: PEM files.
struct TlsFiles {
  // The service's own certificate first, then those between it and the root.
  std::string certificate;
  std::string private_key;
  // Clients must show a certificate that leads to one of these. Empty: they
  // need none.
  std::string client_ca;
  // The certificates that those took back. Empty: none is known.
  std::string crl;
  // "service.yaml:3:1: tls": how errors about them begin.
  std::string location;

  // Wherever in the file they stand.
  friend bool operator==(const TlsFiles& a, const TlsFiles& b) {
    return a.certificate == b.certificate && a.private_key == b.private_key &&
           a.client_ca == b.client_ca && a.crl == b.crl;
  }
};

// Some methods for some integrations.
struct Grant {
  // Absent: all.
  std::optional<absl::flat_hash_set<std::string>> integrations;
  std::optional<absl::flat_hash_set<std::string>> methods;

  friend bool operator==(const Grant&, const Grant&) = default;
};

// One who may call, how it is known and what it may do.
struct Caller {
  // As logs and metrics call it.
  std::string name;
  // Subject alternative names of its certificate: a text with "://" is a URI,
  // any other a DNS name. One of them is enough.
  std::vector<std::string> sans;
  // SHA-256 of its bearer tokens, 64 lower-case hexadecimal digits each.
  std::vector<std::string> token_hashes;
  // What one of them allows, it may do.
  std::vector<Grant> grants;

  friend bool operator==(const Caller&, const Caller&) = default;
};

// Who may call.
struct AccessConfig {
  // Absent: the port is plaintext.
  std::optional<TlsFiles> tls;
  // Absent: whoever reaches the port may call everything.
  std::optional<std::vector<Caller>> callers;

  friend bool operator==(const AccessConfig&, const AccessConfig&) = default;
};

// The keys `tls`, `callers` and `plaintext_beyond_loopback` of the service's
// file (see service_config.h), of which `listen` is the value of that key.
// Reads none of the files that `tls` names.
absl::StatusOr<AccessConfig> ReadAccess(const mapping::ConfigNode& file,
                                        const mapping::ConfigNode& listen);

// Whether "HOST:PORT" is reached from its own machine only. Knows addresses,
// "localhost" and Unix sockets; takes every other name for a way out.
bool IsLoopback(absl::string_view address);

}  // namespace signal_delivery::server

#endif  // SERVER_ACCESS_CONFIG_H_
