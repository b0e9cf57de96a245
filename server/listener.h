#ifndef SERVER_LISTENER_H_
#define SERVER_LISTENER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "server/connection_table.h"
#include "server/listening_sockets.h"
#include "server/reset_budget.h"

namespace signal_delivery::server {

// Takes connections for a gRPC server. gRPC's own listener stops for ever when
// the process has run out of descriptors once (grpc/grpc#16058), which anybody
// who can connect can bring about; this one keeps some back, closes what is too
// much at once, and goes on.
//
// Thread-safe, but for Start and Stop.
class Listener {
 public:
  struct Options {
    // Connections in all; fewer where the process may not have as many
    // descriptors.
    size_t max_connections;
    // Calls that one of them may reset in a second before their requests came.
    int max_resets_per_second;
    // How long what was sent on a connection may stay without confirmation.
    absl::Duration send_timeout;
  };

  // Listens on an address as ListeningSockets has it; takes nothing yet.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(
      const std::string& address, const Options& options);
  // Stops.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Before the server is built: it will get its connections from here.
  void AddTo(grpc::ServerBuilder& builder,
             std::shared_ptr<grpc::ServerCredentials> credentials);
  // Once the server is built.
  void Start();
  // Before the server ends: who connects from now on is refused.
  void Stop();

  // A client reset a call before its request was there. Ends its connection
  // where it does so too often.
  void OnReset(const std::string& peer);

  int port() const { return port_; }
  size_t connections() const { return table_.Count(); }
  size_t max_connections() const { return table_.max_connections(); }
  // That were closed because there were too many.
  int64_t refused() const { return refused_; }
  // That were ended because too many calls were reset.
  int64_t ended() const { return ended_; }

 private:
  Listener(ListeningSockets sockets, const Options& options, int stop_event);

  void Run();
  // Takes those that wait. False where the system is out of something.
  bool TakeFrom(int listening);
  bool TakesOne(int connection, const sockaddr_storage& peer);

  const Options options_;
  std::unique_ptr<ListeningSockets> sockets_;  // null once stopped
  const int port_;
  const int stop_event_;
  mutable ConnectionTable table_;
  ResetBudget resets_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::thread thread_;
  std::atomic<int64_t> refused_ = 0;
  std::atomic<int64_t> ended_ = 0;
};

}  // namespace signal_delivery::server

#endif  // SERVER_LISTENER_H_
