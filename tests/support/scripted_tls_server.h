#ifndef TESTS_SUPPORT_SCRIPTED_TLS_SERVER_H_
#define TESTS_SUPPORT_SCRIPTED_TLS_SERVER_H_

#include <openssl/ssl.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/support/server_action.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::support {

// An HTTPS server on a free port of 127.0.0.1, unless told where, that does as
// it is told and records what it was sent. On plain sockets and OpenSSL, so
// that it shares no code with the client. One thread per connection.
//
// Thread-safe. Actions are used up in the order in which connections or
// requests arrive. The destructor ends every connection.
class ScriptedTlsServer {
 public:
  struct Request {
    std::string head;  // with the empty line; all bytes where read in part
    std::string body;
    std::string server_name;  // from the handshake (SNI); empty without one
    int connection = 0;       // counts from 0 in the order of arrival
    bool resumed = false;     // the connection resumed a TLS session
  };

  explicit ScriptedTlsServer(
      Identity identity = TestCertificates::Get().good());
  // On that address of this machine's, such as "127.0.0.2".
  ScriptedTlsServer(const std::string& address, int port);
  ~ScriptedTlsServer();
  ScriptedTlsServer(const ScriptedTlsServer&) = delete;
  ScriptedTlsServer& operator=(const ScriptedTlsServer&) = delete;

  int port() const { return port_; }
  // "localhost:PORT" and "127.0.0.1:PORT".
  std::string name_and_port() const;
  std::string address_and_port() const;

  // ---- The script --------------------------------------------------------
  // For connections from now on.
  void SetIdentity(Identity identity);
  // For every request that has no action of its own. At first Answer(202).
  void ByDefault(Action action);
  // For every request whose body holds `text`, and that has no action of its
  // own.
  void OnRequestsWith(std::string text, Action action);
  // For one request.
  void OnNextRequest(Action action);
  // For one connection: sent in the clear, before the handshake.
  void BeforeNextHandshake(Action action);
  // For one connection: before it reads a request.
  void AfterNextHandshake(Action action);

  // ---- What happened -----------------------------------------------------
  // In order of arrival. The first waits until there are as many.
  std::vector<Request> WaitForRequests(size_t count);
  std::vector<Request> requests();
  // Connections accepted, and those that are over: closed by either side.
  void WaitForConnections(int count);
  void WaitForEndedConnections(int count);
  int connections();
  // The most that were open at a time.
  int most_open_connections();
  // Decrypted bytes received by all connections together.
  size_t received_bytes();

 private:
  class Connection;

  ScriptedTlsServer(const Identity& identity, const std::string& address,
                    int port);

  void Accept();
  // For the connections.
  std::optional<Action> Take(std::deque<Action>& actions);
  Action GetDefaultAction();
  std::optional<Action> GetActionFor(const std::string& body);
  bool AwaitGoAhead(const absl::Notification& notification);

  int listener_ = -1;
  int port_ = 0;

  // Guards all of the following. Not Abseil's: Debian's build hides it from
  // TSan.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<SSL_CTX> tls_;  // of the present identity
  Action default_action_;
  std::string marker_;
  Action marked_action_;
  std::deque<Action> request_actions_;
  std::deque<Action> before_handshake_;
  std::deque<Action> after_handshake_;
  std::vector<Request> requests_;
  std::vector<int> open_sockets_;
  int connections_ = 0;
  int most_open_ = 0;
  size_t received_bytes_ = 0;
  bool stopping_ = false;

  std::vector<std::thread> threads_;  // only of the accepting thread, then of
                                      // the destructor
  std::thread acceptor_;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_SCRIPTED_TLS_SERVER_H_
