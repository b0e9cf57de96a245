#ifndef CLIENT_LOAD_H_
#define CLIENT_LOAD_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>

namespace signal_delivery::client {

// How a destination fares, as its dispatcher knows it: for whoever decides
// whether to hand it more, and for whoever watches. Thread-safe: one thread
// publishes, any reads. The numbers are each from the latest Publish, but not
// all of the same one.
class Load {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Numbers {
    // Deliveries that wait for their turn, and how many of them come to it in a
    // second: more than 0.
    size_t waiting = 0;
    double turns_per_second = 1;
    // Attempts under way, and how many may be.
    size_t under_way = 0;
    size_t concurrency_limit = 0;
    // The rate that the pacer allows, in requests a second.
    double rate = 0;
    // Whether it rests because attempts failed, or is being probed.
    bool breaker_open = false;
    // The share of the account's limit that is used, in percent, and until when
    // that says something.
    double limit_used_percent = 0;
    TimePoint limit_used_until;
  };

  void Publish(const Numbers& now) {
    constexpr auto kRelaxed = std::memory_order_relaxed;
    wait_.store(static_cast<double>(now.waiting) / now.turns_per_second,
                kRelaxed);
    waiting_.store(now.waiting, kRelaxed);
    under_way_.store(now.under_way, kRelaxed);
    concurrency_limit_.store(now.concurrency_limit, kRelaxed);
    rate_.store(now.rate, kRelaxed);
    breaker_open_.store(now.breaker_open, kRelaxed);
    limit_used_percent_.store(now.limit_used_percent, kRelaxed);
    limit_used_until_.store(now.limit_used_until.time_since_epoch().count(),
                            kRelaxed);
    published_.store(true, std::memory_order_release);
  }

  // Whether there was a Publish: a destination that nothing was delivered to
  // has no numbers.
  bool published() const { return published_.load(std::memory_order_acquire); }

  // What a delivery that came now would wait for its first attempt: an estimate
  // from the rate and the round trips of late. 0 before the first Publish.
  std::chrono::nanoseconds EstimatedWait() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(wait_.load(std::memory_order_relaxed)));
  }

  size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  size_t under_way() const {
    return under_way_.load(std::memory_order_relaxed);
  }
  size_t concurrency_limit() const {
    return concurrency_limit_.load(std::memory_order_relaxed);
  }
  double rate() const { return rate_.load(std::memory_order_relaxed); }
  bool breaker_open() const {
    return breaker_open_.load(std::memory_order_relaxed);
  }
  // Nothing where no answer said so lately.
  std::optional<double> limit_used_percent(TimePoint now) const {
    if (now.time_since_epoch().count() >=
        limit_used_until_.load(std::memory_order_relaxed)) {
      return std::nullopt;
    }
    return limit_used_percent_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> published_ = false;
  std::atomic<double> wait_ = 0;  // in seconds
  std::atomic<size_t> waiting_ = 0;
  std::atomic<size_t> under_way_ = 0;
  std::atomic<size_t> concurrency_limit_ = 0;
  std::atomic<double> rate_ = 0;
  std::atomic<bool> breaker_open_ = false;
  std::atomic<double> limit_used_percent_ = 0;
  std::atomic<TimePoint::rep> limit_used_until_ = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_LOAD_H_
