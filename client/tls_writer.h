#ifndef CLIENT_TLS_WRITER_H_
#define CLIENT_TLS_WRITER_H_

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace signal_delivery::client {

// Turns requests into the TLS records that carry them, all of one request in
// one piece: so it takes one write to the socket where Asio's stream, which
// holds one record at a time, takes one for every 16 KB.
//
// From its making on, all that OpenSSL has to send on the connection comes here
// and not to Asio's stream. Beside requests that is what TLS itself answers,
// such as a KeyUpdate: it goes in front of the next request, as RFC 8446
// (4.6.3) wants it. A host that renegotiates in TLS 1.2 is refused
// (TlsContext). What ends a connection is not sent: connections are just
// closed.
//
// Not thread-safe: lives on its connection's thread.
class TlsWriter {
 public:
  // So many bytes may wait for the next request. A host that makes TLS answer
  // more than that finds its connection broken.
  static constexpr size_t kMostUnasked = 4096;

  // `ssl` has shaken hands, and sends nothing more once this is gone.
  explicit TlsWriter(SSL* ssl);
  TlsWriter(const TlsWriter&) = delete;
  TlsWriter& operator=(const TlsWriter&) = delete;

  // What to send for the request of this head and body. Nothing where OpenSSL
  // refuses: then the connection is broken.
  std::optional<std::string> Encrypt(absl::string_view head,
                                     absl::string_view body);

 private:
  // A BIO that appends to records_.
  static const BIO_METHOD* Method();
  static int OnWrite(BIO* bio, const char* data, size_t size, size_t* written);
  static long OnControl(BIO* bio, int command, long number, void* pointer);

  bool Add(absl::string_view plain);

  SSL* const ssl_;
  std::string records_;
  bool is_asked_ = false;  // within Encrypt
};

}  // namespace signal_delivery::client

#endif  // CLIENT_TLS_WRITER_H_
