#ifndef CLIENT_CONNECTION_COUNTS_H_
#define CLIENT_CONNECTION_COUNTS_H_

#include <atomic>
#include <cstdint>

namespace signal_delivery::client {

// How many connections all pools of a client have together. Thread-safe: every
// pool adds its own, any thread reads.
class ConnectionCounts {
 public:
  struct Numbers {
    int64_t opening = 0;
    int64_t busy = 0;  // each carries a request
    int64_t idle = 0;
  };

  // What one pool has now, and what it had when it said so last.
  void Change(const Numbers& before, const Numbers& now) {
    opening_.fetch_add(now.opening - before.opening, kRelaxed);
    busy_.fetch_add(now.busy - before.busy, kRelaxed);
    idle_.fetch_add(now.idle - before.idle, kRelaxed);
  }
  // One more was opened and may be used.
  void CountOpened() { opened_.fetch_add(1, kRelaxed); }

  Numbers Read() const {
    return {opening_.load(kRelaxed), busy_.load(kRelaxed),
            idle_.load(kRelaxed)};
  }
  // Since the client was made.
  int64_t opened() const { return opened_.load(kRelaxed); }

 private:
  static constexpr auto kRelaxed = std::memory_order_relaxed;

  std::atomic<int64_t> opening_ = 0;
  std::atomic<int64_t> busy_ = 0;
  std::atomic<int64_t> idle_ = 0;
  std::atomic<int64_t> opened_ = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_CONNECTION_COUNTS_H_
