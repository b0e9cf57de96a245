#ifndef TOOLS_CLI_HOST_PROBE_H_
#define TOOLS_CLI_HOST_PROBE_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/destination.h"

namespace signal_delivery::cli {

// How far somebody came who asked a host for a page over HTTPS.
struct HostProbe {
  enum class Stage { kLookup, kConnect, kTls, kAnswer, kDone };
  // The one that failed, or kDone.
  Stage stage = Stage::kLookup;
  // Why it failed.
  std::string error;
  // What the host's clock said, and what ours did.
  std::optional<absl::Time> date;
  absl::Time now;
};

// Asks the destination's host for its path, as the service would reach it and
// with the same trust; sends neither a key nor an event. Waits for some
// seconds at most.
HostProbe ProbeHost(const client::Destination& destination);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_HOST_PROBE_H_
