#include "server/listening_sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "mapping/status_macros.h"

namespace signal_delivery::server {
namespace {

constexpr char kUnix[] = "unix:";
constexpr char kUnixAbstract[] = "unix-abstract:";

void SetOption(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof(value));
}

int NewSocket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// A socket that listens, or -1 with errno.
int Listen(const sockaddr* address, socklen_t size) {
  const int listening = NewSocket(address->sa_family);
  if (listening < 0) return -1;
  // Only allows a start right after the last end; two never share a port.
  SetOption(listening, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address->sa_family == AF_INET6) {
    SetOption(listening, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  // Connections inherit it.
  if (address->sa_family != AF_UNIX) {
    SetOption(listening, IPPROTO_TCP, TCP_NODELAY, 1);
  }
  if (bind(listening, address, size) != 0 ||
      listen(listening, SOMAXCONN) != 0) {
    const int error = errno;
    close(listening);
    errno = error;
    return -1;
  }
  return listening;
}

int PortOf(int socket) {
  sockaddr_in6 address = {};  // the port is where it is in IPv4's
  socklen_t size = sizeof(address);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin6_port);
}

// A socket's file that a process left behind when it was killed.
void RemoveDeadSocket(const sockaddr_un& address, socklen_t size) {
  struct stat file;
  if (stat(address.sun_path, &file) != 0 || !S_ISSOCK(file.st_mode)) return;
  const int probe = NewSocket(AF_UNIX);
  if (connect(probe, reinterpret_cast<const sockaddr*>(&address), size) != 0 &&
      errno == ECONNREFUSED) {
    unlink(address.sun_path);
  }
  close(probe);
}

absl::Status Unavailable() { return absl::UnavailableError(strerror(errno)); }

}  // namespace

absl::StatusOr<ListeningSockets> ListeningSockets::Open(
    const std::string& address) {
  ListeningSockets opened;
  if (absl::StartsWith(address, kUnixAbstract)) {
    RETURN_IF_ERROR(opened.OpenUnix(
        std::string(absl::StripPrefix(address, kUnixAbstract)), true));
    return opened;
  }
  if (absl::StartsWith(address, kUnix)) {
    // "unix:///PATH" is a URI's way to say it.
    absl::string_view path = absl::StripPrefix(address, kUnix);
    if (absl::StartsWith(path, "///")) path.remove_prefix(2);
    RETURN_IF_ERROR(opened.OpenUnix(std::string(path), false));
    return opened;
  }
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::UnavailableError("it has no port; write HOST:PORT");
  }
  std::string host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  RETURN_IF_ERROR(opened.OpenTcp(host, address.substr(colon + 1)));
  return opened;
}

ListeningSockets::ListeningSockets(ListeningSockets&& other) noexcept
    : sockets_(std::exchange(other.sockets_, {})),
      port_(other.port_),
      path_(std::exchange(other.path_, {})) {}

ListeningSockets::~ListeningSockets() {
  for (const int socket : sockets_) close(socket);
  if (!path_.empty()) unlink(path_.c_str());
}

absl::Status ListeningSockets::OpenUnix(const std::string& name,
                                        bool is_abstract) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // An abstract name begins with a zero; the other kind ends with one.
  if (name.empty() || name.size() + 1 > sizeof(address.sun_path)) {
    return absl::UnavailableError("its name is empty or too long");
  }
  name.copy(address.sun_path + (is_abstract ? 1 : 0), name.size());
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
  if (!is_abstract) RemoveDeadSocket(address, size);
  const int listening = Listen(reinterpret_cast<sockaddr*>(&address), size);
  if (listening < 0) return Unavailable();
  sockets_.push_back(listening);
  if (!is_abstract) path_ = name;
  return absl::OkStatus();
}

absl::Status ListeningSockets::OpenTcp(const std::string& host,
                                       const std::string& port) {
  addrinfo hints = {};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
      error != 0) {
    return absl::UnavailableError(gai_strerror(error));
  }
  const absl::Cleanup free_found = [found] { freeaddrinfo(found); };
  absl::Status status = absl::UnavailableError("it has no address");
  for (const addrinfo* next = found; next != nullptr; next = next->ai_next) {
    if (port_ != 0) {  // all of them have the first one's
      reinterpret_cast<sockaddr_in6*>(next->ai_addr)->sin6_port = htons(port_);
    }
    const int listening = Listen(next->ai_addr, next->ai_addrlen);
    if (listening < 0) {
      status = Unavailable();
      // A machine without IPv6 may still call itself localhost in it.
      if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT) continue;
      return status;
    }
    sockets_.push_back(listening);
    port_ = PortOf(listening);
  }
  return sockets_.empty() ? status : absl::OkStatus();
}

}  // namespace signal_delivery::server
