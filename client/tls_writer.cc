#include "client/tls_writer.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

namespace signal_delivery::client {
namespace {

// What a record holds at most (RFC 8446, 5.1), and what it may add to that
// (5.2, and its own head).
constexpr size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;
constexpr size_t kRecordOverhead = 256 + SSL3_RT_HEADER_LENGTH;

}  // namespace

TlsWriter::TlsWriter(SSL* ssl) : ssl_(ssl) {
  BIO* const bio = BIO_new(Method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set0_wbio(ssl, bio);
}

std::optional<std::string> TlsWriter::Encrypt(absl::string_view head,
                                              absl::string_view body) {
  records_.reserve(records_.size() + head.size() + body.size() +
                   kRecordOverhead *
                       ((head.size() + body.size()) / kRecordBytes + 1));
  // The head and what of the body a record has room for.
  std::array<char, kRecordBytes> first;
  const size_t head_size = std::min(head.size(), first.size());
  const size_t body_size = std::min(body.size(), first.size() - head_size);
  head.copy(first.data(), head_size);
  body.copy(first.data() + head_size, body_size);
  is_asked_ = true;
  const bool added = Add({first.data(), head_size + body_size}) &&
                     Add(head.substr(head_size)) && Add(body.substr(body_size));
  is_asked_ = false;
  OPENSSL_cleanse(first.data(), head_size);  // It holds the authorization.
  if (!added) return std::nullopt;
  return std::exchange(records_, std::string());
}

bool TlsWriter::Add(absl::string_view plain) {
  while (!plain.empty()) {
    size_t taken;
    ERR_clear_error();
    if (SSL_write_ex(ssl_, plain.data(), plain.size(), &taken) != 1) {
      return false;
    }
    plain.remove_prefix(taken);
  }
  return true;
}

const BIO_METHOD* TlsWriter::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TLS records");
    BIO_meth_set_write_ex(made, OnWrite);
    BIO_meth_set_ctrl(made, OnControl);
    return made;
  }();
  return method;
}

int TlsWriter::OnWrite(BIO* bio, const char* data, size_t size,
                       size_t* written) {
  auto& self = *static_cast<TlsWriter*>(BIO_get_data(bio));
  if (!self.is_asked_ && self.records_.size() + size > kMostUnasked) return 0;
  self.records_.append(data, size);
  *written = size;
  return 1;
}

long TlsWriter::OnControl(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace signal_delivery::client
