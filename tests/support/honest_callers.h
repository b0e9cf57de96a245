#ifndef TESTS_SUPPORT_HONEST_CALLERS_H_
#define TESTS_SUPPORT_HONEST_CALLERS_H_

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signal_delivery::support {

// Two callers of a service who make one call after the other while a test does
// something to it: one keeps its connection, the other makes a new one for
// every call. Plaintext, from 127.0.0.1. Thread-safe.
class HonestCallers {
 public:
  // `padding` bytes make each of their requests larger.
  explicit HonestCallers(int port, size_t padding = 0);
  ~HonestCallers();

  // Blocks until each of them has begun and ended so many calls more.
  void AwaitCalls(int count);
  // Ends, and tells what the failed calls were told: nothing, it is hoped.
  std::vector<std::string> Failures();
  // Of both.
  int calls() const { return calls_[0] + calls_[1]; }

 private:
  void Run(int index);
  void Stop();

  const int port_;
  const size_t padding_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> calls_[2] = {};
  std::mutex mutex_;  // guards failures_
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_HONEST_CALLERS_H_
