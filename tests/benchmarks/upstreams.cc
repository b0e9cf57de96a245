#include "tests/benchmarks/upstreams.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::benchmarks {
namespace {

// A benchmark of something that does not work is worth nothing.
void Require(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::exit(1);
}

}  // namespace

Upstream Upstream::Sandbox(const std::string& name, const std::string& fault) {
  sandbox::SandboxOptions options;
  const support::Identity& identity = support::TestCertificates::Get().good();
  options.certificate_pem = identity.certificate;
  options.private_key_pem = identity.private_key;
  options.api_key = support::kApiKey;
  options.api_secret = support::kApiSecret;
  options.faults = fault;
  options.threads = 1;
  Upstream upstream(name);
  upstream.sandbox_ = sandbox::Sandbox::Start(options).value();
  upstream.address_ = upstream.sandbox_->address();
  return upstream;
}

Upstream Upstream::SameHost(const std::string& name, const Upstream& host) {
  Upstream upstream(name);
  upstream.address_ = host.address_;
  return upstream;
}

Upstream Upstream::Dead(const std::string& name) {
  Upstream upstream(name);
  upstream.Bind();
  return upstream;
}

Upstream Upstream::Hung(const std::string& name) {
  Upstream upstream(name);
  upstream.Bind();
  Require(listen(upstream.socket_, SOMAXCONN) == 0, "listen");
  return upstream;
}

Upstream::Upstream(Upstream&& other) noexcept
    : name_(std::move(other.name_)),
      address_(std::move(other.address_)),
      sandbox_(std::move(other.sandbox_)),
      socket_(std::exchange(other.socket_, -1)) {}

Upstream::~Upstream() {
  if (socket_ >= 0) close(socket_);
}

void Upstream::Bind() {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  Require(bind(socket_, plain, size) == 0, "bind");
  Require(getsockname(socket_, plain, &size) == 0, "getsockname");
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
}

void Upstream::WriteIntegration(const support::ConfigFolder& folder) const {
  folder.Write(absl::StrCat("integrations/", name_, ".yaml"),
               support::IntegrationText(
                   address_, support::TestCertificates::Get().ca_file()));
}

}  // namespace signal_delivery::benchmarks
