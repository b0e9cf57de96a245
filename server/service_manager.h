#ifndef SERVER_SERVICE_MANAGER_H_
#define SERVER_SERVICE_MANAGER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace signal_delivery::server {

// Tells systemd, or whoever else started the process and speaks its protocol
// (sd_notify(3)), how it fares. Where nobody asked for that, does nothing.
//
// The protocol is one datagram per message: not worth libsystemd, which an
// image of the service alone would have to carry. Not thread-safe.
class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment.
  ServiceManager();

  void Ready(absl::string_view status) const;
  // Before a reload; Ready follows.
  void Reloading() const;
  void Stopping(absl::string_view status) const;
  // That the process is alive.
  void Alive() const;

  // How often Alive must be called, with room to spare; nothing where nobody
  // watches.
  std::optional<absl::Duration> watchdog_interval() const {
    return watchdog_interval_;
  }

 private:
  void Notify(const std::string& message) const;

  std::string socket_;
  std::optional<absl::Duration> watchdog_interval_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_SERVICE_MANAGER_H_
