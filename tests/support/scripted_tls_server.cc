#include "tests/support/scripted_tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/support/scripted_connection.h"

namespace signal_delivery::support {
namespace {

// A server that cannot listen can test nothing.
void Check(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::abort();
}

std::shared_ptr<SSL_CTX> MakeContext(const Identity& identity) {
  std::shared_ptr<SSL_CTX> owner(SSL_CTX_new(TLS_server_method()),
                                 &SSL_CTX_free);
  SSL_CTX* const context = owner.get();
  BIO* const certificate_text =
      BIO_new_mem_buf(identity.certificate.data(), identity.certificate.size());
  BIO* const key_text =
      BIO_new_mem_buf(identity.private_key.data(), identity.private_key.size());
  X509* const certificate =
      PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
  EVP_PKEY* const key =
      PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  Check(SSL_CTX_use_certificate(context, certificate) == 1, "certificate");
  Check(SSL_CTX_use_PrivateKey(context, key) == 1, "private key");
  EVP_PKEY_free(key);
  X509_free(certificate);
  BIO_free(key_text);
  BIO_free(certificate_text);
  return owner;
}

}  // namespace

ScriptedTlsServer::ScriptedTlsServer(Identity identity)
    : ScriptedTlsServer(identity, "127.0.0.1", /*port=*/0) {}

ScriptedTlsServer::ScriptedTlsServer(const std::string& address, int port)
    : ScriptedTlsServer(TestCertificates::Get().good(), address, port) {}

ScriptedTlsServer::ScriptedTlsServer(const Identity& identity,
                                     const std::string& where, int port)
    : tls_(MakeContext(identity)), default_action_(Action::Answer(202)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  Check(inet_pton(AF_INET, where.c_str(), &address.sin_addr) == 1, "address");
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  Check(bind(listener_, generic, size) == 0, "bind");
  Check(listen(listener_, SOMAXCONN) == 0, "listen");
  Check(getsockname(listener_, generic, &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedTlsServer::~ScriptedTlsServer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (int socket : open_sockets_) shutdown(socket, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void ScriptedTlsServer::Accept() {
  // A write to a client that has gone must fail, not kill the test. Blocked
  // here and inherited by the connections' threads, so that it is not hidden
  // where the code under test does the same.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);

  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;  // a drip is to arrive drop by drop
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    std::lock_guard lock(mutex_);
    if (stopping_) {
      close(socket);
      return;
    }
    open_sockets_.push_back(socket);
    most_open_ = std::max(most_open_, static_cast<int>(open_sockets_.size()));
    changed_.notify_all();
    threads_.emplace_back([this, socket, number = connections_++, tls = tls_] {
      Connection(this, socket, number, tls).Run();
    });
  }
}

bool ScriptedTlsServer::AwaitGoAhead(const absl::Notification& notification) {
  while (!notification.WaitForNotificationWithTimeout(absl::Milliseconds(5))) {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
  }
  return true;
}

std::optional<Action> ScriptedTlsServer::Take(std::deque<Action>& actions) {
  std::lock_guard lock(mutex_);
  if (actions.empty()) return std::nullopt;
  Action action = std::move(actions.front());
  actions.pop_front();
  return action;
}

std::optional<Action> ScriptedTlsServer::GetActionFor(const std::string& body) {
  std::lock_guard lock(mutex_);
  if (marker_.empty() || body.find(marker_) == std::string::npos) {
    return std::nullopt;
  }
  return marked_action_;
}

Action ScriptedTlsServer::GetDefaultAction() {
  std::lock_guard lock(mutex_);
  return default_action_;
}

std::string ScriptedTlsServer::name_and_port() const {
  return absl::StrCat("localhost:", port_);
}

std::string ScriptedTlsServer::address_and_port() const {
  return absl::StrCat("127.0.0.1:", port_);
}

void ScriptedTlsServer::SetIdentity(Identity identity) {
  std::lock_guard lock(mutex_);
  tls_ = MakeContext(identity);
}

void ScriptedTlsServer::ByDefault(Action action) {
  std::lock_guard lock(mutex_);
  default_action_ = std::move(action);
}

void ScriptedTlsServer::OnRequestsWith(std::string text, Action action) {
  std::lock_guard lock(mutex_);
  marker_ = std::move(text);
  marked_action_ = std::move(action);
}

void ScriptedTlsServer::OnNextRequest(Action action) {
  std::lock_guard lock(mutex_);
  request_actions_.push_back(std::move(action));
}

void ScriptedTlsServer::BeforeNextHandshake(Action action) {
  std::lock_guard lock(mutex_);
  before_handshake_.push_back(std::move(action));
}

void ScriptedTlsServer::AfterNextHandshake(Action action) {
  std::lock_guard lock(mutex_);
  after_handshake_.push_back(std::move(action));
}

std::vector<ScriptedTlsServer::Request> ScriptedTlsServer::WaitForRequests(
    size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this, count] { return requests_.size() >= count; });
  return requests_;
}

std::vector<ScriptedTlsServer::Request> ScriptedTlsServer::requests() {
  std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedTlsServer::WaitForConnections(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this, count] { return connections_ >= count; });
}

void ScriptedTlsServer::WaitForEndedConnections(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this, count] {
    return connections_ - static_cast<int>(open_sockets_.size()) >= count;
  });
}

int ScriptedTlsServer::connections() {
  std::lock_guard lock(mutex_);
  return connections_;
}

int ScriptedTlsServer::most_open_connections() {
  std::lock_guard lock(mutex_);
  return most_open_;
}

size_t ScriptedTlsServer::received_bytes() {
  std::lock_guard lock(mutex_);
  return received_bytes_;
}

}  // namespace signal_delivery::support
