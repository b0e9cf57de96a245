#ifndef SERVER_TASK_THREADS_H_
#define SERVER_TASK_THREADS_H_

#include <memory>

#include "absl/functional/any_invocable.h"

namespace boost::asio {
class thread_pool;
}

namespace signal_delivery::server {

// Threads for what would keep the threads that take calls for too long. Does
// not bound what waits for them: who gives them a task has admitted it.
//
// Thread-safe.
class TaskThreads {
 public:
  explicit TaskThreads(int count);
  // As Stop.
  ~TaskThreads();

  void Run(absl::AnyInvocable<void()> task);

  // Ends the threads once all tasks are done. Nothing is done of what comes
  // after that.
  void Stop();

 private:
  const std::unique_ptr<boost::asio::thread_pool> pool_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_TASK_THREADS_H_
