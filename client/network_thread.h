#ifndef CLIENT_NETWORK_THREAD_H_
#define CLIENT_NETWORK_THREAD_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "client/alarms.h"
#include "client/connection_counts.h"
#include "client/delivery.h"
#include "client/destination.h"
#include "client/dispatcher.h"
#include "client/endpoint.h"
#include "client/host_news.h"
#include "client/host_pool.h"
#include "client/resolver.h"
#include "client/tls_context.h"

namespace signal_delivery::client {

// A thread, and everything that lives on it: an io_context, its alarms, a
// dispatcher per destination and a pool per host. Threads share nothing, so
// nothing on the way of a delivery takes a lock but the inbox.
//
// Deliver and Shutdown are thread-safe. Borrows the resolver, the news and the
// counts.
class NetworkThread {
 public:
  // Throws std::system_error where the system has no thread to give.
  NetworkThread(Resolver& resolver, HostNewsBoard& news,
                const HostPool::Limits& limits, ConnectionCounts& counts);
  // After Shutdown, when every delivery has its verdict.
  ~NetworkThread();
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;

  void Deliver(Delivery delivery, DeliveryDone done);

  // Where the destination refused its key, it is tried at once.
  void TryKeyAgain(const Destination* destination);

  // Every delivery under way and every later one gets its verdict at once, on
  // the thread. Does not wait for it.
  void Shutdown();

 private:
  // Connections are shared by what makes them interchangeable.
  using PoolKey = std::pair<Endpoint, std::shared_ptr<const TlsContext>>;

  void EmptyInbox();
  void Dispatch(Delivery delivery, DeliveryDone done);
  // Runs on any thread.
  void PostCancel(const Destination* destination, uint64_t id);
  Dispatcher& DispatcherFor(
      const std::shared_ptr<const Destination>& destination);
  std::shared_ptr<HostPool> PoolFor(const Destination& destination);

  Resolver& resolver_;
  HostNewsBoard& news_;
  const HostPool::Limits limits_;
  ConnectionCounts& counts_;

  boost::asio::io_context io_{1};  // 1: only one thread runs it
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      stay_;
  Alarms alarms_{io_};
  absl::flat_hash_map<PoolKey, std::shared_ptr<HostPool>> pools_;
  // Each holds its key.
  absl::flat_hash_map<const Destination*, std::unique_ptr<Dispatcher>>
      dispatchers_;
  uint64_t next_id_ = 0;  // of a delivery
  std::mt19937_64 random_{std::random_device()()};
  bool shutting_down_ = false;

  std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  std::vector<std::pair<Delivery, DeliveryDone>> inbox_;  // guarded by mutex_

  std::thread thread_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_NETWORK_THREAD_H_
