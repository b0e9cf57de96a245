#ifndef TOOLS_TORTURE_DRIVER_SITE_H_
#define TOOLS_TORTURE_DRIVER_SITE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/torture_driver/libc_faults.h"
#include "tools/torture_driver/process.h"

namespace signal_delivery::torture {

// The sandbox and the replicas of the service, each with its files in one
// folder and its port for as long as the site lives. Not thread-safe.
class Site {
 public:
  struct Options {
    std::string service;  // programs
    std::string sandbox;
    std::string libc_faults;  // library
    std::string folder;       // exists, and is empty
    int replicas = 2;
  };
  // Writes the files and starts all.
  static absl::StatusOr<std::unique_ptr<Site>> Start(const Options& options);

  // Replaces the sandbox's fault script; "" ends all of its faults.
  absl::Status SetFaults(absl::string_view script);

  Process& sandbox() { return *sandbox_; }
  std::vector<std::unique_ptr<Process>>& replicas() { return replicas_; }
  // Where callers reach the replicas.
  const std::vector<std::string>& servers() const { return servers_; }
  const std::string& record_file() const { return record_file_; }
  // What each replica sees of clock and name server.
  LibcFaults& libc_faults(size_t replica) { return *libc_faults_[replica]; }

 private:
  Site() = default;

  std::string faults_file_;
  std::string record_file_;
  std::unique_ptr<Process> sandbox_;
  std::vector<LibcFaults*> libc_faults_;  // mapped, for good
  std::vector<std::unique_ptr<Process>> replicas_;
  std::vector<std::string> servers_;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_SITE_H_
