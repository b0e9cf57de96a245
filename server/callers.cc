#include "server/callers.h"

#include <grpc/grpc_security_constants.h>
#include <openssl/crypto.h>

#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "mapping/sha256.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

constexpr absl::string_view kBearer = "bearer ";

absl::string_view View(const grpc::string_ref& text) {
  return absl::string_view(text.data(), text.size());
}

// Whether the connection's certificate has this name, of the kind that it is.
bool HasName(const grpc::AuthContext& connection, const std::string& san) {
  const char* const kind = absl::StrContains(san, "://")
                               ? GRPC_PEER_URI_PROPERTY_NAME
                               : GRPC_PEER_DNS_PROPERTY_NAME;
  for (const grpc::string_ref& name : connection.FindPropertyValues(kind)) {
    if (View(name) == san) return true;
  }
  return false;
}

}  // namespace

Callers::Callers(std::optional<std::vector<Caller>> callers)
    : callers_(std::move(callers)) {}

absl::StatusOr<const Caller*> Callers::Identify(
    const grpc::CallbackServerContext& context,
    absl::string_view method) const {
  if (!callers_.has_value()) return &anyone_;
  const Caller* const caller = Find(context);
  if (caller == nullptr) return UnknownCaller();
  if (caller->methods.has_value() && !caller->methods->contains(method)) {
    return NotAllowed(
        CallFault::kMethodNotAllowed,
        absl::StrCat("the caller \"", caller->name, "\" may not call ", method,
                     "; ask for it in its `methods` of the service's file"));
  }
  return caller;
}

absl::Status Callers::CheckIntegration(const Caller& caller,
                                       absl::string_view integration_id) {
  if (!caller.integrations.has_value() ||
      caller.integrations->contains(integration_id)) {
    return absl::OkStatus();
  }
  return NotAllowed(
      CallFault::kIntegrationNotAllowed,
      absl::StrCat("the caller \"", caller.name, "\" may not use \"",
                   integration_id,
                   "\"; ask for it in its `integrations` of the service's "
                   "file"));
}

const Caller* Callers::Find(const grpc::CallbackServerContext& context) const {
  const auto [begin, end] =
      context.client_metadata().equal_range("authorization");
  if (begin == end) return FindByCertificate(*context.auth_context());
  // Of two it would not be clear which one counts.
  return std::next(begin) == end ? FindByToken(View(begin->second)) : nullptr;
}

const Caller* Callers::FindByToken(absl::string_view authorization) const {
  // RFC 6750; the scheme's case does not matter (RFC 9110, section 11.1).
  if (!absl::StartsWithIgnoreCase(authorization, kBearer)) return nullptr;
  const std::string hash =
      mapping::Sha256Hex(authorization.substr(kBearer.size()));
  for (const Caller& caller : *callers_) {
    for (const std::string& known : caller.token_hashes) {
      if (CRYPTO_memcmp(known.data(), hash.data(), hash.size()) == 0) {
        return &caller;
      }
    }
  }
  return nullptr;
}

const Caller* Callers::FindByCertificate(
    const grpc::AuthContext& connection) const {
  for (const Caller& caller : *callers_) {
    for (const std::string& san : caller.sans) {
      if (HasName(connection, san)) return &caller;
    }
  }
  return nullptr;
}

}  // namespace signal_delivery::server
