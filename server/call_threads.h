#ifndef SERVER_CALL_THREADS_H_
#define SERVER_CALL_THREADS_H_

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"

namespace signal_delivery::server {

// What gRPC was asked for, and its answer: a completion queue's tag.
class CallEvent {
 public:
  // On the thread of its queue; may be the last that happens to this. Must not
  // take long: the other calls of the thread wait.
  virtual void OnEvent(bool ok) = 0;

 protected:
  ~CallEvent() = default;
};

// The threads that read calls from their connections and begin their work. Each
// has a completion queue for itself: gRPC's callbacks have two threads at least
// for one, which hand the sockets to each other with every event and cost a
// fifth of a call (tools/bench_driver/README.md).
//
// Thread-safe, but for Start and Stop.
class CallThreads {
 public:
  // Gives the server its queues; `count` is 1 at least.
  CallThreads(int count, grpc::ServerBuilder& builder);
  // As Stop.
  ~CallThreads();
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

  const std::vector<std::unique_ptr<grpc::ServerCompletionQueue>>& queues()
      const {
    return queues_;
  }

  // What keeps them going: a call, or who waits for one.
  class Use {
   public:
    explicit Use(CallThreads& threads) : threads_(threads) {
      threads_.uses_.fetch_add(1, std::memory_order_relaxed);
    }
    ~Use() {
      if (threads_.uses_.fetch_sub(1) == 1) threads_.uses_.notify_all();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    CallThreads& threads_;
  };

  // Once the server is built.
  void Start();
  // Once the server is shut down, which gRPC is as soon as its connections are
  // closed, though calls may be under way. Returns when none is in use.
  void Stop();

 private:
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> threads_;
  std::atomic<int> uses_ = 0;
  bool stopped_ = false;
};

}  // namespace signal_delivery::server

#endif  // SERVER_CALL_THREADS_H_
