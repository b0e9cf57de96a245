#include "client/network_thread.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <stop_token>

namespace signal_delivery::client {

namespace asio = boost::asio;

namespace {

// Keeps sums of times finite. No caller waits as long.
constexpr std::chrono::hours kLongestWait{24};

// Destinations of one host share its connections. None may hold more than half
// of them: where one's requests all hang, there are some left for the others.
size_t MostAtATime(const HostPool::Limits& limits) {
  return std::max<size_t>(1, limits.max_connections / 2);
}

}  // namespace

NetworkThread::NetworkThread(Resolver& resolver, HostNewsBoard& news,
                             const HostPool::Limits& limits,
                             ConnectionCounts& counts)
    : resolver_(resolver),
      news_(news),
      limits_(limits),
      counts_(counts),
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

void NetworkThread::TryKeyAgain(const Destination* destination) {
  asio::post(io_, [this, destination] {
    const auto found = dispatchers_.find(destination);
    if (found != dispatchers_.end()) found->second->TryKeyAgain();
  });
}

void NetworkThread::Shutdown() {
  asio::post(io_, [this] {
    shutting_down_ = true;
    for (auto& [key, dispatcher] : dispatchers_) dispatcher->Shutdown();
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
    Dispatch(std::move(delivery), std::move(done));
  }
}

void NetworkThread::Dispatch(Delivery delivery, DeliveryDone done) {
  if (delivery.cancellation.stop_requested()) {
    return done({.kind = Verdict::Kind::kNotDelivered,
                 .cause = Verdict::Cause::kCancelled,
                 .detail = "cancelled before its turn came"});
  }
  if (delivery.was_taken && delivery.was_taken()) {
    return done({.kind = Verdict::Kind::kAccepted,
                 .cause = Verdict::Cause::kTaken,
                 .http_status = 202,
                 .shared = true,
                 .detail = "taken earlier"});
  }
  const uint64_t id = next_id_++;
  if (delivery.cancellation.stop_possible()) {
    auto post_cancel = [this, destination = delivery.destination.get(), id] {
      PostCancel(destination, id);
    };
    // Lives, and listens, until the delivery is done.
    auto listener = std::make_unique<std::stop_callback<decltype(post_cancel)>>(
        delivery.cancellation, std::move(post_cancel));
    done = [listener = std::move(listener),
            done = std::move(done)](Verdict verdict) mutable {
      listener = nullptr;
      done(std::move(verdict));
    };
  }
  DispatcherFor(delivery.destination)
      .Deliver(id, std::move(delivery.body),
               std::min(delivery.deadline, Alarms::Clock::now() + kLongestWait),
               std::move(done),
               {.key = std::move(delivery.key),
                .on_late_answer = std::move(delivery.on_late_answer)},
               std::move(delivery.traceparent));
}

void NetworkThread::PostCancel(const Destination* destination, uint64_t id) {
  asio::post(io_, [this, destination, id] {
    // It may be done by now, and its dispatcher gone.
    const auto found = dispatchers_.find(destination);
    if (found != dispatchers_.end()) found->second->Cancel(id);
  });
}

Dispatcher& NetworkThread::DispatcherFor(
    const std::shared_ptr<const Destination>& destination) {
  if (const auto found = dispatchers_.find(destination.get());
      found != dispatchers_.end()) {
    return *found->second;
  }
  // New destinations come with a change of configuration: the time to let go
  // of old ones, and then of their hosts.
  absl::erase_if(dispatchers_,
                 [](const auto& entry) { return entry.second->unused(); });
  absl::erase_if(pools_, [](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->empty();
  });
  auto dispatcher = std::make_unique<Dispatcher>(
      destination, alarms_, PoolFor(*destination),
      news_.Of(destination->endpoint()),
      [this] { return std::uniform_real_distribution<double>(0, 1)(random_); },
      MostAtATime(limits_));
  if (shutting_down_) dispatcher->Shutdown();
  return *dispatchers_.emplace(destination.get(), std::move(dispatcher))
              .first->second;
}

std::shared_ptr<HostPool> NetworkThread::PoolFor(
    const Destination& destination) {
  std::shared_ptr<HostPool>& pool =
      pools_[PoolKey(destination.endpoint(), destination.tls())];
  if (pool == nullptr) {
    pool = std::make_shared<HostPool>(io_, alarms_, resolver_,
                                      destination.endpoint(), destination.tls(),
                                      limits_, counts_);
    if (shutting_down_) pool->Shutdown();
  }
  return pool;
}

}  // namespace signal_delivery::client
