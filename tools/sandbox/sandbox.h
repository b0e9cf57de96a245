#ifndef TOOLS_SANDBOX_SANDBOX_H_
#define TOOLS_SANDBOX_SANDBOX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "tools/sandbox/judge.h"
#include "tools/sandbox/rate_limiter.h"

namespace signal_delivery::sandbox {

struct SandboxOptions {
  std::string address = "127.0.0.1";  // an IP address to listen on
  uint16_t port = 0;                  // 0: one that is free
  // The server's certificate chain and key in PEM. With neither, both are made
  // on the spot, for localhost, 127.0.0.1 and ::1, valid for a year.
  std::string certificate_pem;
  std::string private_key_pem;
  std::string api_key = "sandbox-key";
  std::string api_secret = "sandbox-secret";
  // A file to append records to; empty: no file. What one that exists says was
  // taken is known from the start.
  std::string record_path;
  std::string faults;    // a fault script; empty: no faults
  RateLimit rate_limit;  // off
  std::vector<Poison> poisons;
  int threads = 2;  // 1 or more
};

// A stand-in for mParticle's Events API, over HTTPS, on this machine: checks
// what it gets as mParticle does, and stricter; keeps a record of it; limits
// rates; plays faults. Does not process, store or forward events. Thread-safe.
// Serves from Start until it is destroyed, which ends all connections.
class Sandbox {
 public:
  static absl::StatusOr<std::unique_ptr<Sandbox>> Start(
      const SandboxOptions& options);
  virtual ~Sandbox() = default;

  virtual int port() const = 0;
  // "127.0.0.1:8443"
  virtual std::string address() const = 0;
  // What a client has to trust: the authority made on the spot, or the
  // certificate given.
  virtual const std::string& ca_certificate_pem() const = 0;

  // The requests seen, and of these the batches taken; in order, as in the
  // record file. The oldest are gone after 64 MiB.
  virtual std::vector<nlohmann::json> Records() const = 0;
  virtual std::vector<nlohmann::json> Taken() const = 0;

  // Replaces what is left of the fault script.
  virtual absl::Status SetFaults(absl::string_view script) = 0;

  // Waits until `count` requests were recorded since Start; false on timeout.
  virtual bool WaitForRequests(
      int64_t count, absl::Duration timeout = absl::Seconds(30)) const = 0;
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_SANDBOX_H_
