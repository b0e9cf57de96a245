#ifndef SERVER_ADMIN_SERVER_H_
#define SERVER_ADMIN_SERVER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace httplib {
class Server;
}

namespace signal_delivery::server {

// The operators' HTTP port, and nobody else's: `GET /healthz` answers 200 as
// long as the process lives, `GET /readyz` 200 while it takes calls and 503
// otherwise, `GET /metrics` with Prometheus' text format; for /logging see
// log_level_page.h, for /events events_page.h. Plain HTTP.
// Thread-safe.
class AdminServer {
 public:
  // Listens on "host:port"; port 0 is a free one. `metrics` writes the metrics
  // down, on any thread. `add_routes` adds pages of others before any is asked
  // for.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(
      const std::string& address, std::function<std::string()> metrics,
      const std::function<void(httplib::Server&)>& add_routes);
  // Stops listening and waits for answers under way.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  int port() const { return port_; }
  // What /readyz answers; not ready at first.
  void SetReady(bool ready) { ready_ = ready; }

 private:
  explicit AdminServer(std::function<std::string()> metrics);

  const std::unique_ptr<httplib::Server> http_;
  int port_ = 0;
  std::atomic<bool> ready_ = false;
  std::thread thread_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_ADMIN_SERVER_H_
