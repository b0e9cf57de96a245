#ifndef CLIENT_TLS_SESSIONS_H_
#define CLIENT_TLS_SESSIONS_H_

#include <openssl/ssl.h>

#include <memory>

namespace signal_delivery::client {

// The latest TLS session with one host: the next connection resumes it and
// saves a round trip and the host's signature. Only sessions whose certificate
// was found good come here, so it must not be shared beyond one host and one
// trust.
//
// Not thread-safe: lives with its connections on one thread.
class TlsSessions {
 public:
  // Makes the connections of a context hand their sessions over. Before any
  // connection.
  static void Enable(SSL_CTX* context);

  // Lets a connection resume the latest session, and `sessions` get its own.
  // Before its handshake.
  static void Attach(std::shared_ptr<TlsSessions> sessions, SSL* connection);

 private:
  struct Free {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  static int OnNewSession(SSL* connection, SSL_SESSION* session);

  std::unique_ptr<SSL_SESSION, Free> latest_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_TLS_SESSIONS_H_
