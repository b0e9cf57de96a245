#ifndef CLIENT_TLS_CONTEXT_H_
#define CLIENT_TLS_CONTEXT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace boost::asio::ssl {
class context;
}

namespace signal_delivery::client {

// Whom the client trusts: a bundle of certificate authorities, read once, and
// the rules that go with it. TLS 1.2 or newer; the peer must show a
// certificate that leads to one of the authorities. Checking the host's name
// is the connection's part, because it knows the name.
//
// Immutable and thread-safe; share one among all destinations that trust the
// same bundle, since connections are shared only within one context.
class TlsContext {
 public:
  // Debian's bundle (package ca-certificates).
  static constexpr char kSystemBundle[] = "/etc/ssl/certs/ca-certificates.crt";

  // Reads a PEM file of authorities; the system's bundle where `ca_file` is
  // empty. INVALID_ARGUMENT where it cannot be read or holds no certificate.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> Create(
      const std::string& ca_file);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // For making connections. Asio asks for a mutable reference; nothing of it
  // is changed after Create.
  boost::asio::ssl::context& asio_context() const { return *context_; }

 private:
  explicit TlsContext(std::unique_ptr<boost::asio::ssl::context> context);

  const std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_TLS_CONTEXT_H_
