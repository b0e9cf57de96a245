#ifndef SERVER_INTEGRATION_H_
#define SERVER_INTEGRATION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/destination.h"
#include "client/tls_context.h"
#include "mapping/mapper.h"
#include "server/integration_metrics.h"
#include "server/unique_names.h"

namespace signal_delivery::server {

// One connection from Signal to an mParticle feed: how its events are mapped,
// and where and as whom they are posted. Immutable but for what is counted,
// thread-safe.
struct Integration {
  std::string id;
  // As the configuration has them, for a person to see.
  std::string s2s_host;
  std::string environment;
  // The account's region that the host stands for: one of a closed list.
  std::string pod;

  std::unique_ptr<const mapping::Mapper> mapper;
  // Whether an event that was taken lately is not sent again.
  bool skip_repeats = true;
  std::shared_ptr<const client::Destination> destination;
  // The files that all of it comes from, its own first, and a hash of what they
  // held when it was read.
  std::vector<std::string> files;
  std::string content_hash;
  // The event and screen names that were sent.
  std::shared_ptr<UniqueNames> unique_names;
  // What was counted of it.
  std::shared_ptr<IntegrationMetrics> metrics;
};

using Integrations =
    absl::flat_hash_map<std::string, std::shared_ptr<const Integration>>;

// The bundles of certificate authorities that were read already, by file; ""
// is the system's. Integrations that trust the same share it, and with it the
// connections to their host.
using TrustByFile =
    absl::flat_hash_map<std::string, std::shared_ptr<const client::TlsContext>>;

// Reads one integration's file: Signal's version-2 format. The file's name
// without ".yaml" is the integration's id. The error says where in the file
// what is wrong, and what to write instead. It goes on counting where `before`,
// the same integration as it was, left off.
absl::StatusOr<std::shared_ptr<Integration>> LoadIntegration(
    const std::string& path, TrustByFile& trust,
    const Integration* before = nullptr);

// What an integration makes of events: as much of its file as can be read where
// its key, its secret and its ca_file are not, such as where its users test it.
struct IntegrationRules {
  std::string id;
  std::string s2s_host;
  std::string environment;
  std::unique_ptr<const mapping::Mapper> mapper;
  // Why the key could not be read. Not OK: the mapper's source_request_ids are
  // not those of the service, as they depend on it.
  absl::Status api_key;
};

// As LoadIntegration, but for what the secrets are and whom to trust.
absl::StatusOr<IntegrationRules> LoadRules(const std::string& path);

// The files NAME.yaml of a folder, by name. A folder without any is an error.
absl::StatusOr<std::vector<std::string>> FindIntegrations(
    const std::string& dir);

// Reads every file NAME.yaml of a folder. One that is wrong makes the whole
// fail, with the errors of all; so does a folder without any. Of `known`, those
// whose files hold the same as before are taken over as they are, and of the
// others what was counted.
absl::StatusOr<Integrations> LoadIntegrations(const std::string& dir,
                                              const Integrations& known = {});

}  // namespace signal_delivery::server

#endif  // SERVER_INTEGRATION_H_
