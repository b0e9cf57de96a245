#include "tools/torture_driver/site.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tools/sandbox/certificates.h"
#include "tools/torture_driver/event_factory.h"

namespace signal_delivery::torture {
namespace {

// Below the ports that Linux gives to outgoing connections (32768 and up), so
// that none of those takes one while its program is being restarted.
constexpr int kFirstPort = 18000;
constexpr int kLastPort = 32000;

bool IsFree(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(listener, reinterpret_cast<sockaddr*>(&address),
                         sizeof(address)) == 0;
  close(listener);
  return free;
}

// Starts where another run would not.
absl::StatusOr<int> NextFreePort(int& next) {
  for (int tries = kFirstPort; tries <= kLastPort; ++tries) {
    if (++next > kLastPort) next = kFirstPort;
    if (IsFree(next)) return next;
  }
  return absl::UnavailableError("no free port");
}

absl::Status WriteFile(const std::string& path, absl::string_view text) {
  const std::string draft = path + ".tmp";
  std::ofstream file(draft);
  file << text;
  file.close();
  if (!file || std::rename(draft.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

// Of each integration. What is asked of one, some ten, must be little beside
// what its pace is back to within the time to recover: ten seconds after a 429
// for growing too fast, a thirtieth of this.
constexpr int kMaxBatchesPerSecond = 2000;

std::string IntegrationYaml(int integration, const std::string& host) {
  std::string yaml = absl::StrCat(
      "version: 2\n"
      "delivery_mode: server_side\n"
      "parameters:\n"
      "  api_key: sandbox-key\n"
      "  api_secret: sandbox-secret\n"
      "  environment: development\n"
      "  s2s_host: ",
      host,
      "\n"
      "  allow_unlisted_host: true\n"
      "  ca_file: ../ca.pem\n"
      "  max_batches_per_second: ",
      kMaxBatchesPerSecond, "\npreset: default\n");
  const int kind = integration % kIntegrationKinds;
  if (kind == 1) {
    yaml += "max_events_per_batch: 5\nlone_identifies: send\n";
  }
  if (kind == kConsentIntegration) {
    yaml += "consent: {required: [marketing], when_missing: deliver}\n";
  }
  return yaml;
}

// Makes the file, and maps it.
absl::StatusOr<LibcFaults*> MakeLibcFaults(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void* memory = MAP_FAILED;
  if (ftruncate(file, sizeof(LibcFaults)) == 0) {
    memory = mmap(nullptr, sizeof(LibcFaults), PROT_READ | PROT_WRITE,
                  MAP_SHARED, file, 0);
  }
  close(file);
  if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, path);
  return static_cast<LibcFaults*>(memory);
}

absl::Status WriteCertificates(const std::string& folder) {
  sandbox::CertificateOptions options{.hosts = {kSandboxName}};
  options.valid_from = absl::Now() - absl::Hours(24);
  options.valid_until = absl::Now() + absl::Hours(24 * 30);
  const auto certificates = sandbox::MakeCertificates(options);
  if (!certificates.ok()) return certificates.status();
  absl::Status status =
      WriteFile(folder + "/ca.pem", certificates->ca_certificate);
  status.Update(WriteFile(folder + "/cert.pem", certificates->certificate));
  status.Update(WriteFile(folder + "/key.pem", certificates->private_key));
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Site>> Site::Start(const Options& options) {
  auto site = std::unique_ptr<Site>(new Site());
  const std::string& folder = options.folder;
  site->faults_file_ = folder + "/faults.jsonl";
  site->record_file_ = folder + "/record.jsonl";
  std::error_code error;
  std::filesystem::create_directory(folder + "/integrations", error);
  int next_port = kFirstPort + getpid() * 16 % (kLastPort - kFirstPort);

  const absl::StatusOr<int> sandbox_port = NextFreePort(next_port);
  if (!sandbox_port.ok()) return sandbox_port.status();
  const std::string host = absl::StrCat(kSandboxName, ":", *sandbox_port);
  absl::Status status = WriteCertificates(folder);
  status.Update(WriteFile(site->faults_file_, ""));
  for (int i = 0; i < kIntegrations; ++i) {
    status.Update(WriteFile(
        absl::StrCat(folder, "/integrations/", IntegrationId(i), ".yaml"),
        IntegrationYaml(i, host)));
  }
  if (!status.ok()) return status;
  site->sandbox_ = std::make_unique<Process>(Process::Options{
      "the sandbox",
      options.sandbox,
      {absl::StrCat("--listen=127.0.0.1:", *sandbox_port),
       "--cert=" + folder + "/cert.pem", "--key=" + folder + "/key.pem",
       "--record=" + site->record_file_, "--faults=" + site->faults_file_,
       absl::StrCat("--poison=", kPoisonMarker),
       absl::StrCat("--poison-413=", kPoison413Marker),
       "--ready-file=" + folder + "/sandbox.ready"},
      folder + "/sandbox.ready",
      folder + "/sandbox.log"});
  status = site->sandbox_->Start();

  for (int i = 0; i < options.replicas && status.ok(); ++i) {
    const absl::StatusOr<int> port = NextFreePort(next_port);
    if (!port.ok()) return port.status();
    const std::string base = absl::StrCat(folder, "/service", i);
    site->servers_.push_back(absl::StrCat("127.0.0.1:", *port));
    status = WriteFile(base + ".yaml",
                       absl::StrCat("listen: ", site->servers_.back(),
                                    "\nintegrations_dir: integrations\n"
                                    "leave_seconds: 1\ndrain_seconds: 5\n"));
    if (!status.ok()) return status;
    const absl::StatusOr<LibcFaults*> faults = MakeLibcFaults(base + ".libc");
    if (!faults.ok()) return faults.status();
    site->libc_faults_.push_back(*faults);
    site->replicas_.push_back(std::make_unique<Process>(Process::Options{
        absl::StrCat("replica ", i),
        options.service,
        {"--config=" + base + ".yaml", "--ready-file=" + base + ".ready"},
        base + ".ready",
        base + ".log",
        {"LD_PRELOAD=" + options.libc_faults,
         absl::StrCat(kLibcFaultsVariable, "=", base, ".libc")}}));
    status = site->replicas_.back()->Start();
  }
  if (!status.ok()) return status;
  return site;
}

absl::Status Site::SetFaults(absl::string_view script) {
  absl::Status status = WriteFile(faults_file_, script);
  // One that is being restarted reads it when it starts.
  if (status.ok()) sandbox_->Signal(SIGHUP);
  return status;
}

}  // namespace signal_delivery::torture
