#ifndef SERVER_CONNECTION_TABLE_H_
#define SERVER_CONNECTION_TABLE_H_

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace signal_delivery::server {

// Decides which connections are taken, so that nobody can fill the process with
// connections: at most so many in all, and from one address (of IPv6, one /64)
// at most as many as it leaves free to the others, as with Admission.
//
// It does not own the connections, and is not told when one is closed: it finds
// that out when it must know. Thread-safe.
class ConnectionTable {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit ConnectionTable(size_t max_connections)
      : max_connections_(max_connections) {}

  // Whether to take a connection of which this is the socket, and who is at its
  // other end.
  bool Admit(int socket, const sockaddr_storage& peer, TimePoint now);

  // Ends the connection to this peer, as gRPC writes it, where there is one;
  // what has come from it and was not read is not read any more. False where
  // there is none.
  bool Disconnect(const std::string& peer);

  // How many are open now.
  size_t Count();
  size_t max_connections() const { return max_connections_; }

 private:
  struct Connection {
    uint64_t cookie = 0;  // of the socket, by which Linux tells it; 0: none
    std::string address;
    std::string peer;
  };

  bool HasRoomFor(const std::string& address) const;
  void Forget(Connection& connection);
  void ForgetClosed();

  const size_t max_connections_;

  std::mutex mutex_;                     // guards what follows
  std::vector<Connection> connections_;  // by descriptor
  size_t count_ = 0;
  absl::flat_hash_map<std::string, size_t> count_by_address_;
  TimePoint looked_at_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_CONNECTION_TABLE_H_
