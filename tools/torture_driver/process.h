#ifndef TOOLS_TORTURE_DRIVER_PROCESS_H_
#define TOOLS_TORTURE_DRIVER_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace signal_delivery::torture {

// A program that is started, killed and started again, always with the same
// arguments. It dies with the thread that started it last. Not thread-safe.
class Process {
 public:
  struct Options {
    std::string name;  // for messages
    std::string program;
    std::vector<std::string> arguments;
    std::string ready_file;  // that it writes once it is ready
    std::string log_file;    // appended to: its output and errors
    // As NAME=VALUE, beside those of this process.
    std::vector<std::string> variables = {};
  };
  explicit Process(Options options) : options_(std::move(options)) {}
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Waits until it is ready.
  absl::Status Start();
  void Signal(int number);
  // With SIGKILL; waits until it is gone.
  void Kill();
  // The status of waitpid where it has ended; nothing while it runs.
  std::optional<int> PollExit();

  bool is_running() const { return pid_ > 0; }
  const std::string& name() const { return options_.name; }

 private:
  const Options options_;
  pid_t pid_ = 0;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_PROCESS_H_
