#ifndef TESTS_SUPPORT_SCRIPTED_CONNECTION_H_
#define TESTS_SUPPORT_SCRIPTED_CONNECTION_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::support {

// One connection of the server's, on a thread of its own. Part of
// scripted_tls_server.
class ScriptedTlsServer::Connection {
 public:
  Connection(ScriptedTlsServer* server, int socket, int number,
             std::shared_ptr<SSL_CTX> tls);
  ~Connection();

  // Until the connection is over.
  void Run();

 private:
  // These are false where the connection is over.
  bool ServeRequest();
  bool ReadWhole(Request& request);
  bool ReadUpTo(size_t size, std::string& to);
  bool Perform(const Action& action);
  bool Write(absl::string_view bytes);

  void SetCork(int on);

  ScriptedTlsServer& server_;
  const int socket_;
  const int number_;
  const std::shared_ptr<SSL_CTX> tls_;
  SSL* const ssl_;
  bool encrypted_ = false;
  bool reset_ = false;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_SCRIPTED_CONNECTION_H_
