#include "tests/support/service_process.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/support/test_certificates.h"

namespace signal_delivery::support {
namespace {

constexpr char kProgram[] = "server/signal_delivery";
constexpr time_t kAdminSeconds = 2;

}  // namespace

ServiceProcess::ServiceProcess(int max_descriptors, const std::string& more) {
  folder_.Write("integrations/acme.yaml",
                IntegrationText(mparticle_.name_and_port(),
                                TestCertificates::Get().ca_file()));
  const std::string config = folder_.Write(
      "service.yaml", absl::StrCat("listen: 127.0.0.1:0\n"
                                   "admin_listen: 127.0.0.1:0\n"
                                   "leave_seconds: 0\n"
                                   "integrations_dir: integrations\n",
                                   more));
  const std::string ready_file = absl::StrCat(folder_.path(), "/ready.json");
  const std::string limit =
      max_descriptors == 0
          ? ""
          : absl::StrCat("ulimit -n ", max_descriptors, " && ");
  program_ = std::make_unique<ChildProcess>(
      "/bin/sh", std::vector<std::string>{"-c", limit + "exec \"$@\"", "sh",
                                          kProgram, "--config=" + config,
                                          "--ready-file=" + ready_file});
  EXPECT_TRUE(program_->WaitForLineWith("takes calls")) << program_->output();
  const auto ports = nlohmann::json::parse(std::ifstream(ready_file));
  port_ = ports["port"];
  admin_port_ = ports["admin_port"];
}

int64_t ServiceProcess::ResidentBytes() const {
  std::ifstream file(absl::StrCat("/proc/", program_->pid(), "/statm"));
  int64_t pages = 0;
  int64_t resident = 0;
  file >> pages >> resident;
  EXPECT_GT(resident, 0);
  return resident * sysconf(_SC_PAGESIZE);
}

int ServiceProcess::OpenDescriptors() const {
  const std::filesystem::directory_iterator open(
      absl::StrCat("/proc/", program_->pid(), "/fd"));
  return static_cast<int>(std::distance(begin(open), end(open)));
}

int ServiceProcess::AdminStatus(const std::string& path) const {
  httplib::Client admin("127.0.0.1", admin_port_);
  admin.set_connection_timeout(kAdminSeconds);
  admin.set_read_timeout(kAdminSeconds);
  const auto answer = admin.Get(path);
  return answer ? answer->status : 0;
}

}  // namespace signal_delivery::support
