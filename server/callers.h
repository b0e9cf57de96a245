#ifndef SERVER_CALLERS_H_
#define SERVER_CALLERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "server/access_config.h"

namespace signal_delivery::server {

// Knows callers by what they show, and says what each may do. Refuses before
// anything is done for a call, and tells who may not use an integration
// nothing of it, not even whether it exists.
//
// Immutable and thread-safe.
class Callers {
 public:
  // Without `callers`, anyone may call everything.
  explicit Callers(std::optional<std::vector<Caller>> callers);

  // Who makes a call of `method`. By its bearer token where it shows one, else
  // by its certificate. UNAUTHENTICATED where that is nobody's,
  // PERMISSION_DENIED where the caller may not call the method.
  absl::StatusOr<const Caller*> Identify(
      const grpc::CallbackServerContext& context,
      absl::string_view method) const;

  // PERMISSION_DENIED where the caller may not use the integration.
  static absl::Status CheckIntegration(const Caller& caller,
                                       absl::string_view integration_id);

 private:
  const Caller* Find(const grpc::CallbackServerContext& context) const;
  const Caller* FindByToken(absl::string_view authorization) const;
  const Caller* FindByCertificate(const grpc::AuthContext& connection) const;

  const std::optional<std::vector<Caller>> callers_;
  const Caller anyone_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_CALLERS_H_
