#include "server/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::server {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

// What systemd compares a reload with.
int64_t MonotonicMicroseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::ToInt64Microseconds(absl::DurationFromTimespec(now));
}

}  // namespace

ServiceManager::ServiceManager() : socket_(Environment("NOTIFY_SOCKET")) {
  int64_t microseconds = 0;
  int64_t process = 0;
  if (!absl::SimpleAtoi(Environment("WATCHDOG_USEC"), &microseconds) ||
      microseconds <= 0) {
    return;
  }
  // Meant for another process that shares the environment.
  if (absl::SimpleAtoi(Environment("WATCHDOG_PID"), &process) &&
      process != getpid()) {
    return;
  }
  // As sd_watchdog_enabled(3) recommends.
  watchdog_interval_ = absl::Microseconds(microseconds) / 2;
}

void ServiceManager::Ready(absl::string_view status) const {
  Notify(absl::StrCat("READY=1\nSTATUS=", status));
}

void ServiceManager::Reloading() const {
  Notify(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", MonotonicMicroseconds()));
}

void ServiceManager::Stopping(absl::string_view status) const {
  Notify(absl::StrCat("STOPPING=1\nSTATUS=", status));
}

void ServiceManager::Alive() const { Notify("WATCHDOG=1"); }

void ServiceManager::Notify(const std::string& message) const {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof(address.sun_path)) return;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  // A socket of Linux's abstract namespace.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (sender < 0) return;
  // Nobody to tell where it fails.
  (void)sendto(
      sender, message.data(), message.size(), MSG_NOSIGNAL,
      reinterpret_cast<const sockaddr*>(&address),
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size()));
  close(sender);
}

}  // namespace signal_delivery::server
