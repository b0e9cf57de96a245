#ifndef SERVER_BOUNDED_HTTP_SERVER_H_
#define SERVER_BOUNDED_HTTP_SERVER_H_

#include <httplib.h>

#include <atomic>
#include <chrono>

namespace signal_delivery::server {

// The library's server with bounds that it does not have. Its own patience is
// for each byte, and whoever sends one at a time has its few threads for ever;
// here a connection has one request and so much time for it, and next to none
// while others wait. It takes no bodies to speak of. Thread-safe as the
// library's.
class BoundedHttpServer final : public httplib::Server {
 public:
  BoundedHttpServer();

  // Whether connections wait for a thread.
  bool IsBusy() const { return waiting_ > 0; }

 private:
  class Pool;

  bool process_and_close_socket(socket_t socket) override;

  std::atomic<int> waiting_ = 0;
};

}  // namespace signal_delivery::server

#endif  // SERVER_BOUNDED_HTTP_SERVER_H_
