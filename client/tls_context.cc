#include "client/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/tls_sessions.h"

namespace signal_delivery::client {

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::Create(
    const std::string& ca_file) {
  auto context = std::make_unique<boost::asio::ssl::context>(
      boost::asio::ssl::context::tls_client);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // What TLS 1.2 would have to send for it in the midst of an answer would wait
  // for the next request: see TlsWriter.
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  TlsSessions::Enable(native);

  const std::string& path = ca_file.empty() ? kSystemBundle : ca_file;
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(native, path.c_str()) != 1) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read certificate authorities from '", path,
                     "': ", reason != nullptr ? reason : "unknown error"));
  }
  return absl::WrapUnique(new TlsContext(std::move(context)));
}

TlsContext::TlsContext(std::unique_ptr<boost::asio::ssl::context> context)
    : context_(std::move(context)) {}

TlsContext::~TlsContext() = default;

}  // namespace signal_delivery::client
