#ifndef SERVER_LISTENING_SOCKETS_H_
#define SERVER_LISTENING_SOCKETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace signal_delivery::server {

// The sockets that an address stands for, bound and listening, and closed with
// this. "localhost" has two, "[::]:50051" takes IPv4 as well. No other process
// can share a port. Not thread-safe.
class ListeningSockets {
 public:
  // "host:port", where port 0 is a free one; "unix:PATH"; or
  // "unix-abstract:NAME". The error says what does not work and why.
  static absl::StatusOr<ListeningSockets> Open(const std::string& address);

  ListeningSockets(ListeningSockets&& other) noexcept;
  ListeningSockets& operator=(ListeningSockets&&) = delete;
  ~ListeningSockets();

  // Non-blocking.
  const std::vector<int>& sockets() const { return sockets_; }
  // 0 for a Unix socket.
  int port() const { return port_; }

 private:
  ListeningSockets() = default;

  absl::Status OpenUnix(const std::string& address, bool is_abstract);
  absl::Status OpenTcp(const std::string& host, const std::string& port);

  std::vector<int> sockets_;
  int port_ = 0;
  std::string path_;  // of a Unix socket that has one
};

}  // namespace signal_delivery::server

#endif  // SERVER_LISTENING_SOCKETS_H_
