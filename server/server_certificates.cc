#include "server/server_certificates.h"

#include <grpc/grpc_security_constants.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "mapping/status_macros.h"

namespace signal_delivery::server {
namespace {

// gRPC's C++ interface has no credentials that ask for their certificates; its
// C interface, on which it stands, has.
class CoreCredentials final : public grpc::ServerCredentials {
 public:
  // Takes the credentials over.
  explicit CoreCredentials(grpc_server_credentials* credentials)
      : credentials_(credentials) {}
  ~CoreCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServerCertificates>> ServerCertificates::Load(
    TlsFiles files, absl::Time now) {
  ASSIGN_OR_RETURN(TlsMaterial material, ReadTlsMaterial(files, now));
  return absl::WrapUnique(
      new ServerCertificates(std::move(files), std::move(material)));
}

ServerCertificates::ServerCertificates(TlsFiles files, TlsMaterial material)
    : files_(std::move(files)), material_(std::move(material)) {}

std::shared_ptr<grpc::ServerCredentials> ServerCertificates::Credentials() {
  return std::make_shared<CoreCredentials>(
      grpc_ssl_server_credentials_create_with_options(
          grpc_ssl_server_credentials_create_options_using_config_fetcher(
              files_.client_ca.empty()
                  ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                  : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
              &Fetch, this)));
}

absl::StatusOr<bool> ServerCertificates::Reload(absl::Time now) {
  absl::StatusOr<TlsMaterial> read = ReadTlsMaterial(files_, now);
  std::lock_guard lock(mutex_);
  last_reload_was_good_ = read.ok();
  RETURN_IF_ERROR(read.status());
  TlsMaterial& material = *read;
  if (material.certificates == material_.certificates &&
      material.private_key == material_.private_key &&
      material.client_ca == material_.client_ca &&
      material.crl == material_.crl) {
    return false;
  }
  material_ = std::move(material);
  is_new_to_grpc_ = true;
  return true;
}

absl::Time ServerCertificates::expiry() const {
  std::lock_guard lock(mutex_);
  return material_.expiry;
}

bool ServerCertificates::last_reload_was_good() const {
  std::lock_guard lock(mutex_);
  return last_reload_was_good_;
}

bool ServerCertificates::IsRevoked(const grpc::AuthContext& connection) const {
  RevocationList revoked;
  {
    std::lock_guard lock(mutex_);
    revoked = material_.revoked;
  }
  if (revoked.empty()) return false;
  const std::vector<grpc::string_ref> certificate =
      connection.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  return certificate.size() != 1 ||
         revoked.Revokes(absl::string_view(certificate.front().data(),
                                           certificate.front().size()));
}

grpc_ssl_certificate_config_reload_status ServerCertificates::Fetch(
    void* certificates, grpc_ssl_server_certificate_config** config) {
  auto& self = *static_cast<ServerCertificates*>(certificates);
  std::lock_guard lock(self.mutex_);
  if (!std::exchange(self.is_new_to_grpc_, false)) {
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  }
  const grpc_ssl_pem_key_cert_pair pair = {self.material_.private_key.c_str(),
                                           self.material_.certificates.c_str()};
  // gRPC insists on authorities also where it asks for no certificate, and then
  // uses them for nothing.
  const std::string& authorities = self.material_.client_ca.empty()
                                       ? self.material_.certificates
                                       : self.material_.client_ca;
  *config =
      grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace signal_delivery::server
