#ifndef TESTS_SUPPORT_CALLER_H_
#define TESTS_SUPPORT_CALLER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/test_certificates.h"

namespace signal_delivery::support {

// A client of the delivery service with a connection of its own.
class Caller {
 public:
  // Plaintext, to a port of this machine.
  static Caller Plaintext(int port);
  // TLS that trusts the test's authority, without a certificate of its own or
  // with this one.
  static Caller Tls(int port);
  static Caller Tls(int port, const Identity& identity);

  // Further calls have these `authorization` headers.
  Caller& With(std::vector<std::string> authorizations);

  // Delivers, or previews, one event.
  grpc::Status Deliver(const std::string& integration = "acme");
  grpc::Status Preview(const std::string& integration = "acme");

  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

 private:
  Caller(int port, const std::shared_ptr<grpc::ChannelCredentials>& how);

  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::string> authorizations_;
};

// What ca_file of TestCertificates holds.
std::string AuthorityPem();

// The reason in the status's ErrorInfo; "" where there is none.
std::string ReasonOf(const grpc::Status& status);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_CALLER_H_
