#include "server/callers.h"

#include <grpc/grpc_security_constants.h>
#include <openssl/crypto.h>

#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
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

const Caller* FindByToken(const std::vector<Caller>& callers,
                          absl::string_view authorization) {
  // RFC 6750; the scheme's case does not matter (RFC 9110, section 11.1).
  if (!absl::StartsWithIgnoreCase(authorization, kBearer)) return nullptr;
  const std::string hash =
      mapping::Sha256Hex(authorization.substr(kBearer.size()));
  for (const Caller& caller : callers) {
    for (const std::string& known : caller.token_hashes) {
      if (CRYPTO_memcmp(known.data(), hash.data(), hash.size()) == 0) {
        return &caller;
      }
    }
  }
  return nullptr;
}

const Caller* FindByCertificate(const std::vector<Caller>& callers,
                                const grpc::AuthContext& connection) {
  for (const Caller& caller : callers) {
    for (const std::string& san : caller.sans) {
      if (HasName(connection, san)) return &caller;
    }
  }
  return nullptr;
}

const Caller* Find(const std::vector<Caller>& callers,
                   const grpc::ServerContext& context) {
  const auto [begin, end] =
      context.client_metadata().equal_range("authorization");
  if (begin == end) return FindByCertificate(callers, *context.auth_context());
  // Of two it would not be clear which one counts.
  return std::next(begin) == end ? FindByToken(callers, View(begin->second))
                                 : nullptr;
}

bool Has(const std::optional<absl::flat_hash_set<std::string>>& allowed,
         absl::string_view wanted) {
  return !allowed.has_value() || allowed->contains(wanted);
}

}  // namespace

Callers::Callers(std::optional<std::vector<Caller>> callers,
                 const ServerCertificates* certificates)
    : certificates_(certificates),
      anyone_(std::make_shared<const Caller>(Caller{.grants = {Grant()}})),
      known_(std::make_shared<const Known>(std::move(callers))) {}

void Callers::Replace(std::optional<std::vector<Caller>> callers) {
  auto known = std::make_shared<const Known>(std::move(callers));
  {
    std::lock_guard lock(mutex_);
    known_ = std::move(known);
  }
  if (then_) then_();
}

std::shared_ptr<const Callers::Known> Callers::Get() const {
  std::lock_guard lock(mutex_);
  return known_;
}

absl::StatusOr<std::shared_ptr<const Caller>> Callers::Identify(
    const grpc::ServerContext& context, absl::string_view method) const {
  if (certificates_ != nullptr &&
      certificates_->IsRevoked(*context.auth_context())) {
    return RevokedCertificate();
  }
  const std::shared_ptr<const Known> known = Get();
  if (!known->has_value()) return anyone_;
  const Caller* const caller = Find(**known, context);
  if (caller == nullptr) return UnknownCaller();
  const bool may_call = absl::c_any_of(
      caller->grants, [&](const Grant& g) { return Has(g.methods, method); });
  if (!may_call) {
    return NotAllowed(
        CallFault::kMethodNotAllowed,
        absl::StrCat("the caller \"", caller->name, "\" may not call ", method,
                     "; ask for it in its `methods` of the service's file"));
  }
  return std::shared_ptr<const Caller>(known, caller);
}

absl::Status Callers::CheckIntegration(const Caller& caller,
                                       absl::string_view method,
                                       absl::string_view integration_id) {
  const bool may_use = absl::c_any_of(caller.grants, [&](const Grant& grant) {
    return Has(grant.methods, method) &&
           Has(grant.integrations, integration_id);
  });
  if (may_use) return absl::OkStatus();
  return NotAllowed(
      CallFault::kIntegrationNotAllowed,
      absl::StrCat("the caller \"", caller.name, "\" may not call ", method,
                   " for \"", integration_id,
                   "\"; ask for it in its `integrations` of the service's "
                   "file"));
}

std::optional<absl::flat_hash_set<std::string>> Callers::IntegrationsOf(
    const Caller& caller, absl::string_view method) {
  absl::flat_hash_set<std::string> allowed;
  for (const Grant& grant : caller.grants) {
    if (!Has(grant.methods, method)) continue;
    if (!grant.integrations.has_value()) return std::nullopt;
    allowed.insert(grant.integrations->begin(), grant.integrations->end());
  }
  return allowed;
}

}  // namespace signal_delivery::server
