#ifndef SERVER_SERVER_CERTIFICATES_H_
#define SERVER_SERVER_CERTIFICATES_H_

#include <grpc/grpc_security.h>

#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/security/server_credentials.h"
#include "server/access_config.h"
#include "server/tls_material.h"

namespace signal_delivery::server {

// The gRPC port's certificates, which change while it serves: connections that
// are open stay as they are, new ones get the latest pair that is in order.
// (gRPC's own file watcher hands out whatever is on disk, and every handshake
// fails where that does not fit together.)
//
// Thread-safe; but only one thread may reload. Outlives the server that uses
// its credentials.
class ServerCertificates {
 public:
  // The error is ReadTlsMaterial's.
  static absl::StatusOr<std::unique_ptr<ServerCertificates>> Load(
      TlsFiles files, absl::Time now);

  ServerCertificates(const ServerCertificates&) = delete;
  ServerCertificates& operator=(const ServerCertificates&) = delete;

  // For one port of one server.
  std::shared_ptr<grpc::ServerCredentials> Credentials();

  // Reads the files again. Where they are not in order, all stays as it was,
  // and the error says what is wrong. True if anything is new.
  absl::StatusOr<bool> Reload(absl::Time now);

  // When the first certificate of those in force expires.
  absl::Time expiry() const;
  // Whether all was in order when the files were last read.
  bool last_reload_was_good() const;
  // Whether the client of a connection shows a certificate that is revoked:
  // also on one that was opened before it was.
  bool IsRevoked(const grpc::AuthContext& connection) const;

 private:
  ServerCertificates(TlsFiles files, TlsMaterial material);

  // gRPC asks it for every new connection.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* certificates, grpc_ssl_server_certificate_config** config);

  const TlsFiles files_;
  mutable std::mutex mutex_;  // guards what follows
  TlsMaterial material_;
  bool last_reload_was_good_ = true;
  bool is_new_to_grpc_ = true;
};

}  // namespace signal_delivery::server

#endif  // SERVER_SERVER_CERTIFICATES_H_
