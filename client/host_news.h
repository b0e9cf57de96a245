#ifndef CLIENT_HOST_NEWS_H_
#define CLIENT_HOST_NEWS_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "client/endpoint.h"

namespace signal_delivery::client {

// What the destinations of one host tell each other: when it last answered one
// of them. One that rests because its attempts failed need not wait for long
// then: it may have been the host that was ill.
//
// Thread-safe.
class HostNews {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void OnAnswer(TimePoint now) {
    answered_at_.store(now.time_since_epoch().count(),
                       std::memory_order_relaxed);
  }
  bool AnsweredSince(TimePoint when) const {
    return answered_at_.load(std::memory_order_relaxed) >
           when.time_since_epoch().count();
  }

 private:
  std::atomic<TimePoint::rep> answered_at_ =
      TimePoint::min().time_since_epoch().count();
};

// The news of each host, which the network threads share. Thread-safe.
class HostNewsBoard {
 public:
  std::shared_ptr<HostNews> Of(const Endpoint& host);

 private:
  std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  absl::flat_hash_map<Endpoint, std::weak_ptr<HostNews>> by_host_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_HOST_NEWS_H_
