#include "tools/torture_driver/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace signal_delivery::torture {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(30);
constexpr absl::Duration kPollPause = absl::Milliseconds(5);
constexpr int kExitCannotRun = 127;

// As exec takes them.
std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::~Process() { Kill(); }

absl::Status Process::Start() {
  unlink(options_.ready_file.c_str());
  std::vector<std::string> arguments = options_.arguments;
  arguments.insert(arguments.begin(), options_.program);
  std::vector<char*> argv = Pointers(arguments);
  std::vector<std::string> variables = options_.variables;
  for (char** own = environ; *own != nullptr; ++own) variables.push_back(*own);
  std::vector<char*> envp = Pointers(variables);
  const int log = open(options_.log_file.c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // Not posix_spawn: it cannot make the child die with us.
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(kExitCannotRun);
  }
  close(log);
  if (pid_ < 0) return absl::ErrnoToStatus(errno, "cannot start a process");
  const absl::Time give_up = absl::Now() + kStartTime;
  while (access(options_.ready_file.c_str(), F_OK) != 0) {
    if (PollExit().has_value() || absl::Now() > give_up) {
      return absl::InternalError(absl::StrCat(
          options_.name, " did not start; see ", options_.log_file));
    }
    absl::SleepFor(kPollPause);
  }
  return absl::OkStatus();
}

void Process::Signal(int number) {
  if (pid_ > 0) kill(pid_, number);
}

void Process::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::optional<int> Process::PollExit() {
  int status = 0;
  if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = 0;
  return status;
}

}  // namespace signal_delivery::torture
