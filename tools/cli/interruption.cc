#include "tools/cli/interruption.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace signal_delivery::cli {
namespace {

constexpr char kSignalled = 's';
constexpr char kDone = 'd';

// Where the signal's handler writes to; it may do little else.
std::atomic<int> g_signalled = -1;

extern "C" void OnSignal(int) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(g_signalled, &kSignalled, 1);
  errno = error;
}

}  // namespace

Interruption::Interruption(std::function<void()> then)
    : then_(std::move(then)) {
  // It fails where the process has no descriptor left: then the signals end it.
  if (pipe2(pipe_, O_CLOEXEC) != 0) pipe_[0] = pipe_[1] = -1;
  g_signalled = pipe_[1];
  struct sigaction action = {};
  action.sa_handler = pipe_[1] < 0 ? SIG_DFL : &OnSignal;
  // A second signal ends the process.
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
  // A write fails instead.
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, &before_pipe_);
  watcher_ = std::thread([this] { Watch(); });
}

Interruption::~Interruption() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
  sigaction(SIGPIPE, &before_pipe_, nullptr);
  if (pipe_[1] >= 0) {
    [[maybe_unused]] const ssize_t written = write(pipe_[1], &kDone, 1);
  }
  watcher_.join();
  g_signalled = -1;
  for (const int end : pipe_) {
    if (end >= 0) close(end);
  }
}

void Interruption::Watch() {
  // Of standard output only its error is asked for: the reader is gone.
  pollfd watched[] = {{pipe_[0], POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
  if (pipe_[0] < 0) return;
  while (poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
  char what = kSignalled;
  if ((watched[0].revents & POLLIN) != 0 && read(pipe_[0], &what, 1) != 1) {
    return;
  }
  if (what == kSignalled) then_();
}

}  // namespace signal_delivery::cli
