#include "server/bounded_http_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>

namespace signal_delivery::server {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Most of them wait for their clients.
constexpr size_t kThreads = 32;
// Of a request; none of the port's has one.
constexpr size_t kMaxBodyBytes = 1'024;
// For a request to come, and for its answer to go.
constexpr seconds kRequestTime(2);
constexpr seconds kAnswerTime(10);
// For a request to come while others wait: it has come by then.
constexpr milliseconds kRequestTimeWhenBusy(20);
// How often it is looked whether others wait.
constexpr milliseconds kLookInterval(20);

// One connection, which ends when its time is over.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(const BoundedHttpServer& server, int socket)
      : server_(server), socket_(socket), began_(Clock::now()) {}

  bool is_readable() const override { return WaitFor(POLLIN); }
  bool is_writable() const override { return WaitFor(POLLOUT); }
  ssize_t read(char* bytes, size_t size) override {
    if (!WaitFor(POLLIN)) return -1;
    return recv(socket_, bytes, size, MSG_DONTWAIT);
  }
  ssize_t write(const char* bytes, size_t size) override {
    if (!WaitFor(POLLOUT)) return -1;
    return send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  Clock::duration TimeFor(short event) const {
    if (event == POLLOUT) return kAnswerTime;
    if (server_.IsBusy()) return kRequestTimeWhenBusy;
    return kRequestTime;
  }

  // False when the time is over.
  bool WaitFor(short event) const {
    pollfd waited_for = {socket_, event, 0};
    do {
      const int interval = static_cast<int>(kLookInterval.count());
      if (poll(&waited_for, 1, interval) > 0) {
        return Clock::now() - began_ < TimeFor(event);
      }
    } while (Clock::now() - began_ < TimeFor(event));
    return false;
  }

  const BoundedHttpServer& server_;
  const int socket_;
  const Clock::time_point began_;
};

}  // namespace

// Knows how many connections wait for a thread.
class BoundedHttpServer::Pool final : public httplib::ThreadPool {
 public:
  explicit Pool(std::atomic<int>& waiting)
      : ThreadPool(kThreads), waiting_(waiting) {}

  void enqueue(std::function<void()> serve) override {
    ++waiting_;
    ThreadPool::enqueue([this, serve = std::move(serve)] {
      --waiting_;
      serve();
    });
  }

 private:
  std::atomic<int>& waiting_;
};

BoundedHttpServer::BoundedHttpServer() {
  set_payload_max_length(kMaxBodyBytes);
  // Called once it is bound. The library's queue has room for five connections
  // that were not accepted yet.
  new_task_queue = [this] {
    ::listen(svr_sock_, SOMAXCONN);
    return new Pool(waiting_);
  };
}

bool BoundedHttpServer::process_and_close_socket(socket_t socket) {
  BoundedStream stream(*this, socket);
  bool is_closed = false;
  const bool served =
      process_request(stream, /*close_connection=*/true, is_closed, nullptr);
  shutdown(socket, SHUT_RDWR);
  close(socket);
  return served;
}

}  // namespace signal_delivery::server
