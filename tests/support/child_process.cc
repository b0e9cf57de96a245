#include "tests/support/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "absl/strings/match.h"

extern char** environ;

namespace signal_delivery::support {

ChildProcess::ChildProcess(const std::string& program,
                           std::vector<std::string> arguments) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  arguments.insert(arguments.begin(), program);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(),
                        environ),
            0)
      << program;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  pipe_ = ends[0];
}

ChildProcess::~ChildProcess() {
  if (!exited_) {
    Signal(SIGKILL);
    WaitForExit();
  }
  close(pipe_);
}

bool ChildProcess::ReadLine(std::string& line) {
  line.clear();
  char next = 0;
  while (next != '\n' && read(pipe_, &next, 1) == 1) line += next;
  output_ += line;
  return !line.empty();
}

bool ChildProcess::WaitForLineWith(const std::string& text) {
  std::string line;
  while (ReadLine(line)) {
    if (absl::StrContains(line, text)) return true;
  }
  return false;
}

absl::Duration ChildProcess::CpuTime() const {
  clockid_t clock;
  timespec time = {};
  EXPECT_EQ(clock_getcpuclockid(pid_, &clock), 0);
  EXPECT_EQ(clock_gettime(clock, &time), 0);
  return absl::DurationFromTimespec(time);
}

void ChildProcess::Signal(int number) { kill(pid_, number); }

int ChildProcess::WaitForExit() {
  std::string line;
  while (ReadLine(line)) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  exited_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace signal_delivery::support
