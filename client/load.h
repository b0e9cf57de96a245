#ifndef CLIENT_LOAD_H_
#define CLIENT_LOAD_H_

#include <atomic>
#include <chrono>
#include <cstddef>

namespace signal_delivery::client {

// How much waits for a destination, as its dispatcher knows it, for whoever
// decides whether to hand it more. Thread-safe: one thread publishes, any
// reads.
class Load {
 public:
  // `waiting` deliveries wait for their turn, of which `per_second`, more than
  // 0, come.
  void Publish(size_t waiting, double per_second) {
    wait_.store(static_cast<double>(waiting) / per_second,
                std::memory_order_relaxed);
  }

  // What a delivery that came now would wait for its first attempt: an estimate
  // from the rate and the round trips of late. 0 before the first Publish.
  std::chrono::nanoseconds EstimatedWait() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(wait_.load(std::memory_order_relaxed)));
  }

 private:
  std::atomic<double> wait_ = 0;  // in seconds
};

}  // namespace signal_delivery::client

#endif  // CLIENT_LOAD_H_
