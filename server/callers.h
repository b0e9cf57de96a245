#ifndef SERVER_CALLERS_H_
#define SERVER_CALLERS_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "server/access_config.h"
#include "server/server_certificates.h"

namespace signal_delivery::server {

// Knows callers by what they show, and says what each may do. Refuses before
// anything is done for a call, and tells who may not use an integration
// nothing of it, not even whether it exists.
//
// Thread-safe. Borrows the certificates.
class Callers {
 public:
  // Without `callers`, anyone may call everything. `certificates` is null where
  // the port is plaintext.
  Callers(std::optional<std::vector<Caller>> callers,
          const ServerCertificates* certificates);

  // Further calls are these callers'.
  void Replace(std::optional<std::vector<Caller>> callers);
  // Replace calls `then` at its end. Only before the first Replace.
  void OnReplace(std::function<void()> then) { then_ = std::move(then); }

  // Who makes a call of `method`; never null. By its bearer token where it
  // shows one, else by its certificate. UNAUTHENTICATED where that is nobody's
  // or the certificate is revoked, PERMISSION_DENIED where the caller may call
  // the method for no integration.
  absl::StatusOr<std::shared_ptr<const Caller>> Identify(
      const grpc::ServerContext& context, absl::string_view method) const;

  // PERMISSION_DENIED where the caller may not call the method for the
  // integration.
  static absl::Status CheckIntegration(const Caller& caller,
                                       absl::string_view method,
                                       absl::string_view integration_id);

  // Those for which the caller may call the method; absent: all.
  static std::optional<absl::flat_hash_set<std::string>> IntegrationsOf(
      const Caller& caller, absl::string_view method);

 private:
  using Known = std::optional<std::vector<Caller>>;

  std::shared_ptr<const Known> Get() const;

  const ServerCertificates* const certificates_;
  const std::shared_ptr<const Caller> anyone_;
  std::function<void()> then_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Known> known_;  // guarded by mutex_, never null
};

}  // namespace signal_delivery::server

#endif  // SERVER_CALLERS_H_
