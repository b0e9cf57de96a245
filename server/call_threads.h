#ifndef SERVER_CALL_THREADS_H_
#define SERVER_CALL_THREADS_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "grpcpp/alarm.h"
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

// A thread, and the completion queue whose events it sees to. Thread-safe,
// but for Start.
class CallThread {
 public:
  explicit CallThread(std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : queue_(std::move(queue)), posted_(*this) {}
  CallThread(const CallThread&) = delete;
  CallThread& operator=(const CallThread&) = delete;

  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // Does `work` on the thread, after what was posted before it. One wake-up
  // serves all that is posted until the thread gets to it. There must be a use
  // of the threads (CallThreads::Use) until then.
  void Post(absl::AnyInvocable<void()> work);

 private:
  friend class CallThreads;

  class Posted final : public CallEvent {
   public:
    explicit Posted(CallThread& thread) : thread_(thread) {}
    void OnEvent(bool ok) override;

   private:
    CallThread& thread_;
  };

  void Start();
  // Until the queue is shut down and empty.
  void Run();

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
  Posted posted_;
  grpc::Alarm wake_up_;
  std::mutex mutex_;
  std::vector<absl::AnyInvocable<void()>> inbox_;  // guarded by it
};

// The threads that read calls from their connections, begin their work and
// answer them. Each has a completion queue for itself: gRPC's callbacks have
// two threads at least for one, which hand the sockets to each other with every
// event and cost a fifth of a call (tools/bench_driver/README.md).
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

  const std::vector<std::unique_ptr<CallThread>>& threads() const {
    return threads_;
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
  std::vector<std::unique_ptr<CallThread>> threads_;
  std::atomic<int> uses_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace signal_delivery::server

#endif  // SERVER_CALL_THREADS_H_
