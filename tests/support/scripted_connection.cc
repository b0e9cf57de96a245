#include "tests/support/scripted_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace signal_delivery::support {
namespace {

constexpr size_t kPieceSize = 16 * 1024;  // a TLS record

// A server that cannot load its certificate can test nothing.
void Check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "scripted server: bad %s\n", what);
  std::abort();
}

size_t ContentLength(const std::string& head) {
  size_t length = 0;
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, "Content-Length:")) {
      Check(absl::SimpleAtoi(line.substr(line.find(':') + 1), &length),
            "Content-Length");
    }
  }
  return length;
}

}  // namespace

ScriptedTlsServer::Connection::Connection(ScriptedTlsServer* server, int socket,
                                          int number,
                                          std::shared_ptr<SSL_CTX> tls)
    : server_(*server),
      socket_(socket),
      number_(number),
      tls_(std::move(tls)),
      ssl_(SSL_new(tls_.get())) {
  SSL_set_fd(ssl_, socket_);
}
ScriptedTlsServer::Connection::~Connection() {
  SSL_free(ssl_);
  std::lock_guard lock(server_.mutex_);
  std::vector<int>& open = server_.open_sockets_;
  open.erase(std::find(open.begin(), open.end(), socket_));
  if (reset_) {
    const linger no_farewell = {.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &no_farewell,
               sizeof(no_farewell));
  }
  close(socket_);
  server_.changed_.notify_all();
}

void ScriptedTlsServer::Connection::Run() {
  if (auto action = server_.Take(server_.before_handshake_)) {
    if (!Perform(*action)) return;
  }
  if (SSL_accept(ssl_) != 1) return;
  encrypted_ = true;
  if (auto action = server_.Take(server_.after_handshake_)) {
    if (!Perform(*action)) return;
  }
  while (ServeRequest()) {
  }
}

bool ScriptedTlsServer::Connection::ServeRequest() {
  Request request;
  request.connection = number_;
  request.resumed = SSL_session_reused(ssl_) == 1;
  if (const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name)) {
    request.server_name = name;
  }
  // An action is used up by a request and not by a connection without one.
  if (!ReadUpTo(1, request.head)) return false;
  const std::optional<Action> own = server_.Take(server_.request_actions_);
  Action action = own.value_or(server_.GetDefaultAction());
  if (action.read_only.has_value()) {
    while (request.head.size() < *action.read_only) {
      const size_t missing = *action.read_only - request.head.size();
      if (!ReadUpTo(missing, request.head)) return false;
    }
  } else if (!ReadWhole(request)) {
    return false;
  }
  if (!own.has_value()) {
    action = server_.GetActionFor(request.body).value_or(action);
  }
  {
    std::lock_guard lock(server_.mutex_);
    server_.requests_.push_back(std::move(request));
    server_.changed_.notify_all();
  }
  return Perform(action);
}

bool ScriptedTlsServer::Connection::ReadWhole(Request& request) {
  size_t end;
  while ((end = request.head.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadUpTo(kPieceSize, request.head)) return false;
  }
  request.body = request.head.substr(end + 4);
  request.head.resize(end + 4);
  const size_t length = ContentLength(request.head);
  while (request.body.size() < length) {
    if (!ReadUpTo(length - request.body.size(), request.body)) return false;
  }
  return true;
}

bool ScriptedTlsServer::Connection::ReadUpTo(size_t size, std::string& to) {
  char piece[kPieceSize];
  const int count =
      SSL_read(ssl_, piece, static_cast<int>(std::min(size, kPieceSize)));
  if (count <= 0) return false;
  to.append(piece, count);
  std::lock_guard lock(server_.mutex_);
  server_.received_bytes_ += count;
  return true;
}

// While it is on, what is written waits to be sent in one piece.
void ScriptedTlsServer::Connection::SetCork(int on) {
  setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

bool ScriptedTlsServer::Connection::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const int size = static_cast<int>(std::min(bytes.size(), kPieceSize));
    const int count =
        encrypted_ ? SSL_write(ssl_, bytes.data(), size)
                   : static_cast<int>(write(socket_, bytes.data(), size));
    if (count <= 0) return false;
    bytes.remove_prefix(count);
  }
  return true;
}

bool ScriptedTlsServer::Connection::Perform(const Action& action) {
  if (action.after != nullptr && !server_.AwaitGoAhead(*action.after)) {
    return false;
  }
  if (!action.followed_by.empty()) SetCork(1);
  const size_t step = action.drip ? 1 : kPieceSize;
  for (size_t i = 0; i < action.bytes.size(); i += step) {
    if (!Write(absl::string_view(action.bytes).substr(i, step))) return false;
  }
  static const std::string* const filler = new std::string(kPieceSize, 'x');
  for (uint64_t left = action.filler; left > 0;) {
    const size_t size = std::min<uint64_t>(left, kPieceSize);
    if (!Write(absl::string_view(*filler).substr(0, size))) return false;
    left -= size;
  }
  if (!action.followed_by.empty()) {
    if (!Write(action.followed_by)) return false;
    SetCork(0);
  }
  switch (action.end) {
    case Action::End::kGoOn:
      return true;
    case Action::End::kClose:
      if (encrypted_) SSL_shutdown(ssl_);  // says goodbye, awaits none
      return false;
    case Action::End::kReset:
      reset_ = true;
      return false;
    case Action::End::kStall: {
      // The destructor of the server shuts the socket down, which ends this
      // as the client's close does.
      pollfd closed = {.fd = socket_, .events = POLLRDHUP, .revents = 0};
      poll(&closed, 1, -1);
      return false;
    }
  }
  return false;
}

}  // namespace signal_delivery::support
