#include "client/tls_sessions.h"

#include <utility>

namespace signal_delivery::client {
namespace {

using Owner = std::shared_ptr<TlsSessions>;

// Where a connection keeps whom its sessions are for.
int OwnerIndex() {
  static const int index =
      SSL_get_ex_new_index(0, nullptr, nullptr, nullptr,
                           [](void*, void* owner, CRYPTO_EX_DATA*, int, long,
                              void*) { delete static_cast<Owner*>(owner); });
  return index;
}

}  // namespace

void TlsSessions::Enable(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(
      context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &OnNewSession);
}

void TlsSessions::Attach(std::shared_ptr<TlsSessions> sessions,
                         SSL* connection) {
  if (sessions->latest_ != nullptr) {
    SSL_set_session(connection, sessions->latest_.get());
  }
  auto owner = std::make_unique<Owner>(std::move(sessions));
  if (SSL_set_ex_data(connection, OwnerIndex(), owner.get()) == 1) {
    owner.release();
  }
}

int TlsSessions::OnNewSession(SSL* connection, SSL_SESSION* session) {
  auto* const owner =
      static_cast<Owner*>(SSL_get_ex_data(connection, OwnerIndex()));
  // A copy: OpenSSL spoils the session of a connection that ends without a
  // farewell, as ours do.
  if (owner != nullptr) (*owner)->latest_.reset(SSL_SESSION_dup(session));
  return 0;  // no reference was kept
}

}  // namespace signal_delivery::client
