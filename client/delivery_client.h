#ifndef CLIENT_DELIVERY_CLIENT_H_
#define CLIENT_DELIVERY_CLIENT_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/connection_counts.h"
#include "client/delivery.h"
#include "client/host_news.h"
#include "client/resolver.h"

namespace signal_delivery::client {

class NetworkThread;

// The folder's entry point: posts bodies over HTTPS, again where that may help
// and the deadline allows it, and gives each exactly one verdict.
//
// It holds the rate and the number of requests to what a destination takes, and
// lets one rest that fails (see Dispatcher). It keeps connections open and
// shares them among all destinations of one endpoint and one TLS context. It
// follows no redirect, and does not look into what it sends: a body that may
// come twice must tell the host by itself that it is the same.
//
// Thread-safe. It has network threads of its own; no thread waits for an
// answer, so that a delivery under way costs memory only.
class DeliveryClient {
 public:
  struct Options {
    // Network threads. Each destination is served by one of them. 1 to 64.
    int threads = 2;
    // Connections open at a time to one endpoint, by all threads together and
    // evenly among them; one destination uses at most half of its thread's.
    // `threads` to 4096.
    int max_connections_per_host = 256;
    // For the lookup, TCP and TLS of one connection together; a delivery's
    // deadline may end its own waiting sooner. 10 ms to 5 min.
    absl::Duration connect_timeout = absl::Seconds(10);
    // A connection unused for so long is closed. Load balancers commonly drop
    // theirs after 60 s, and it is better to be first. 1 ms to 1 h.
    absl::Duration max_idle = absl::Seconds(50);
    // A connection older than this takes no further delivery, so that a change
    // of the host's addresses is followed within a minute. The next one resumes
    // its TLS session, which costs little. 1 ms to 24 h.
    absl::Duration max_connection_age = absl::Seconds(50);
    // How names become addresses. Tests put their own here.
    LookupFunction lookup = LookupWithSystem;
  };

  // INVALID_ARGUMENT where an option is out of its range.
  static absl::StatusOr<std::unique_ptr<DeliveryClient>> Create(
      Options options);

  // As Shutdown, and then joins the threads. Must not be called from within a
  // `done`.
  ~DeliveryClient();
  DeliveryClient(const DeliveryClient&) = delete;
  DeliveryClient& operator=(const DeliveryClient&) = delete;

  // Returns at once. `done` is called exactly once, on a network thread and
  // never from within this call. It must not block, since other deliveries
  // wait behind it; it may call Deliver.
  void Deliver(Delivery delivery, DeliveryDone done);

  // For a destination whose key was refused, which is tried once a second then:
  // it may have been put right, and is tried at once if anything waits for it.
  void TryKeyAgain(const Destination& destination);

  // Gives every delivery still under way, and every later one, its verdict at
  // once: kShuttingDown, or what is known where it had been sent.
  // Does not wait for it.
  void Shutdown();

  const ConnectionCounts& connections() const { return connections_; }

 private:
  explicit DeliveryClient(LookupFunction lookup);

  HostNewsBoard news_;
  std::unique_ptr<Resolver> resolver_;
  std::atomic<size_t> in_flight_ = 0;
  ConnectionCounts connections_;
  std::vector<std::unique_ptr<NetworkThread>> threads_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_DELIVERY_CLIENT_H_
