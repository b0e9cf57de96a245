#ifndef SERVER_UNFINISHED_REQUESTS_H_
#define SERVER_UNFINISHED_REQUESTS_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace signal_delivery::server {

// The requests that are being read. One that comes too slowly, or never to its
// end, is given up: gRPC itself would keep what came of it for as long as the
// connection lives. Where many are slow at a time, the oldest are given up
// sooner, before gRPC is out of memory and ends calls without regard to whose
// they are.
//
// Thread-safe.
class UnfinishedRequests {
 public:
  // Gives up what is not there after `patience`, and a little later: a look at
  // all of them from time to time costs less than a timer for each.
  explicit UnfinishedRequests(absl::Duration patience);
  // When there are none.
  ~UnfinishedRequests();
  UnfinishedRequests(const UnfinishedRequests&) = delete;
  UnfinishedRequests& operator=(const UnfinishedRequests&) = delete;

  enum class Why { kTooLate, kTooManyAreSlow };
  using GiveUp = std::function<void(Why)>;

  // One that is being read from now on. `give_up` is called once at most, and
  // not after it was removed. Returns by which number to remove it.
  uint64_t Add(GiveUp give_up);
  // It is there, or will not come. False where it was given up, or is just
  // being.
  bool Remove(uint64_t number);

  absl::Duration patience() const { return patience_; }

 private:
  struct Request {
    std::chrono::steady_clock::time_point begun;
    GiveUp give_up;
  };

  void Run();
  // Gives up the oldest if it is to be; false where it is not.
  bool GiveUpOldest();

  const absl::Duration patience_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable stopping_;
  bool stop_ = false;
  uint64_t next_number_ = 0;
  std::map<uint64_t, Request> requests_;  // the oldest first
  std::thread thread_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_UNFINISHED_REQUESTS_H_
