#ifndef TOOLS_CLI_INTERRUPTION_H_
#define TOOLS_CLI_INTERRUPTION_H_

#include <signal.h>

#include <functional>
#include <thread>

namespace signal_delivery::cli {

// Notices that nobody wants a command's output any more, while it waits for
// what to print: SIGINT (Ctrl-C), SIGTERM, or standard output is a pipe whose
// reader is gone. Instead of ending the process, calls a function, once, on a
// thread of its own.
//
// One at a time in a process; the signals do as before when it is destroyed.
class Interruption {
 public:
  explicit Interruption(std::function<void()> then);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  void Watch();

  const std::function<void()> then_;
  int pipe_[2];
  struct sigaction before_int_;
  struct sigaction before_term_;
  struct sigaction before_pipe_;
  std::thread watcher_;
};

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_INTERRUPTION_H_
