#ifndef TESTS_SUPPORT_SERVICE_PROCESS_H_
#define TESTS_SUPPORT_SERVICE_PROCESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::support {

// The service's program as a process of its own, so that a test sees what it
// takes of the machine. It has one integration, "acme", to a scripted server in
// mParticle's place. A test that uses it has //server:signal_delivery in its
// data. Not thread-safe.
class ServiceProcess {
 public:
  // `max_descriptors` is the most that it may have; 0: as many as the test.
  // `more` are further lines of its file.
  explicit ServiceProcess(int max_descriptors = 0,
                          const std::string& more = "");

  int port() const { return port_; }
  int admin_port() const { return admin_port_; }
  ChildProcess& program() { return *program_; }

  // The memory that it holds.
  int64_t ResidentBytes() const;
  int OpenDescriptors() const;
  // The status of an answer of the admin port; 0 where none comes in two
  // seconds.
  int AdminStatus(const std::string& path) const;

 private:
  ConfigFolder folder_;
  ScriptedTlsServer mparticle_;
  std::unique_ptr<ChildProcess> program_;
  int port_ = 0;
  int admin_port_ = 0;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_SERVICE_PROCESS_H_
