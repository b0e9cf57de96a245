#include "server/connection_table.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::server {
namespace {

// How often all connections are looked at, at most: 10,000 of them take a few
// milliseconds.
constexpr std::chrono::milliseconds kLookInterval(100);

// What one network's administrator gives to one customer is a /64.
constexpr size_t kNetworkBytes = 8;

// 0 where it is none.
uint64_t CookieOf(int socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie
                                                                        : 0;
}

// "" for a Unix socket: whoever has it is on this machine.
std::string AddressOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    return std::string(reinterpret_cast<const char*>(&v4.sin_addr),
                       sizeof(v4.sin_addr));
  }
  if (peer.ss_family != AF_INET6) return "";
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  const auto* const bytes = reinterpret_cast<const char*>(&v6);
  // IPv4 through an IPv6 socket: all have the same first half.
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return std::string(bytes, sizeof(v6));
  return std::string(bytes, kNetworkBytes);
}

// As gRPC does.
std::string PeerOf(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = {};
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return absl::StrCat("ipv4:", text, ":", ntohs(v4.sin_port));
  }
  if (peer.ss_family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof(text));
    return absl::StrCat("ipv4:", text, ":", ntohs(v6.sin6_port));
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  return absl::StrCat("ipv6:%5B", text, "%5D:", ntohs(v6.sin6_port));
}

}  // namespace

bool ConnectionTable::Admit(int socket, const sockaddr_storage& peer,
                            TimePoint now) {
  std::string address = AddressOf(peer);
  const std::lock_guard lock(mutex_);
  const auto index = static_cast<size_t>(socket);
  if (index >= connections_.size()) connections_.resize(index + 1);
  // Its descriptor is another one's now.
  Forget(connections_[index]);
  if (!HasRoomFor(address)) {
    if (now - looked_at_ < kLookInterval) return false;
    looked_at_ = now;
    ForgetClosed();
    if (!HasRoomFor(address)) return false;
  }
  ++count_;
  ++count_by_address_[address];
  connections_[index] = {CookieOf(socket), std::move(address), PeerOf(peer)};
  return true;
}

bool ConnectionTable::Disconnect(const std::string& peer) {
  if (peer.empty()) return false;
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].peer != peer) continue;
    // A descriptor of our own: gRPC may close its one at any time, and it may
    // be another socket's then.
    const int socket = fcntl(static_cast<int>(i), F_DUPFD_CLOEXEC, 0);
    if (socket < 0) return false;
    const bool is_open = CookieOf(socket) == connections_[i].cookie;
    if (is_open) {
      // Unlike shutdown(2) this also drops what was received.
      const sockaddr nobody = {.sa_family = AF_UNSPEC};
      connect(socket, &nobody, sizeof(nobody));
    }
    close(socket);
    Forget(connections_[i]);
    return is_open;
  }
  return false;
}

size_t ConnectionTable::Count() {
  const std::lock_guard lock(mutex_);
  ForgetClosed();
  return count_;
}

bool ConnectionTable::HasRoomFor(const std::string& address) const {
  const auto found = count_by_address_.find(address);
  const size_t share = found == count_by_address_.end() ? 0 : found->second;
  return count_ < max_connections_ && share < max_connections_ - count_;
}

void ConnectionTable::Forget(Connection& connection) {
  if (connection.cookie == 0) return;
  const auto share = count_by_address_.find(connection.address);
  if (--share->second == 0) count_by_address_.erase(share);
  --count_;
  connection = {};
}

void ConnectionTable::ForgetClosed() {
  for (size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = connections_[i];
    if (connection.cookie != 0 &&
        CookieOf(static_cast<int>(i)) != connection.cookie) {
      Forget(connection);
    }
  }
}

}  // namespace signal_delivery::server
