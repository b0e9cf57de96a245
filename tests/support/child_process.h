#ifndef TESTS_SUPPORT_CHILD_PROCESS_H_
#define TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace signal_delivery::support {

// A program of ours as a child process, its output and errors in one pipe.
// Killed by the destructor where it still runs. Not thread-safe.
class ChildProcess {
 public:
  // `program` is relative to the folder that tests run in.
  ChildProcess(const std::string& program, std::vector<std::string> arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Blocks until the program has written a line that contains `text`; false
  // where its output ends before.
  bool WaitForLineWith(const std::string& text);
  // All output so far; with WaitForExit all there is.
  const std::string& output() const { return output_; }

  pid_t pid() const { return pid_; }
  // The processor time that it has used so far. Only before its exit.
  absl::Duration CpuTime() const;

  void Signal(int number);
  // The exit code; -1 where a signal ended it.
  int WaitForExit();

 private:
  // False at the end of the output.
  bool ReadLine(std::string& line);

  pid_t pid_ = 0;
  int pipe_ = -1;
  bool exited_ = false;
  std::string output_;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_CHILD_PROCESS_H_
