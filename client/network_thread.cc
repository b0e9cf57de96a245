#include "client/network_thread.h"

#include <boost/asio/post.hpp>

namespace signal_delivery::client {

namespace asio = boost::asio;

NetworkThread::NetworkThread(Resolver& resolver, const HostPool::Limits& limits)
    : resolver_(resolver),
      limits_(limits),
      stay_(io_.get_executor()),
      thread_([this] { io_.run(); }) {}

NetworkThread::~NetworkThread() {
  asio::post(io_, [this] {
    alarms_.Stop();
    stay_.reset();
  });
  thread_.join();
}

void NetworkThread::Deliver(Delivery delivery, DeliveryDone done) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    // One wake-up serves all that comes in before the thread gets to it.
    wake = inbox_.empty();
    inbox_.emplace_back(std::move(delivery), std::move(done));
  }
  if (wake) asio::post(io_, [this] { EmptyInbox(); });
}

void NetworkThread::Shutdown() {
  asio::post(io_, [this] {
    shutting_down_ = true;
    for (auto& [key, pool] : pools_) pool->Shutdown();
  });
}

void NetworkThread::EmptyInbox() {
  std::vector<std::pair<Delivery, DeliveryDone>> deliveries;
  {
    std::lock_guard lock(mutex_);
    deliveries.swap(inbox_);
  }
  for (auto& [delivery, done] : deliveries) {
    HostPool& pool = PoolFor(*delivery.destination);
    pool.Deliver(std::move(delivery), std::move(done));
  }
}

HostPool& NetworkThread::PoolFor(const Destination& destination) {
  PoolKey key(destination.endpoint(), destination.tls());
  if (const auto found = pools_.find(key); found != pools_.end()) {
    return *found->second;
  }
  // New hosts come with a change of configuration: the time to let go of old
  // ones.
  absl::erase_if(pools_,
                 [](const auto& entry) { return entry.second->empty(); });
  auto pool = std::make_unique<HostPool>(io_, alarms_, resolver_,
                                         destination.endpoint(),
                                         destination.tls(), limits_);
  if (shutting_down_) pool->Shutdown();
  return *pools_.emplace(std::move(key), std::move(pool)).first->second;
}

}  // namespace signal_delivery::client
