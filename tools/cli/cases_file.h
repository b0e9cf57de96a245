#ifndef TOOLS_CLI_CASES_FILE_H_
#define TOOLS_CLI_CASES_FILE_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::cli {

// What an integration is to make of some events.
struct Case {
  std::string name;
  std::vector<datafly::signal::v1::Event> events;
  // When the service is given them.
  absl::Time now;
  // What the file has of these, all lists: `batches`, the bodies in the order
  // in which they are posted; `outcomes`, one per event: "sent", or the reason
  // why not (NOT_MAPPED, INVALID_EVENT, ...); `warnings`, the Signal paths that
  // are warned about.
  nlohmann::ordered_json expected = nlohmann::ordered_json::object();
};

// A file of cases: JSON, in the user's own repository.
//
//   {"integration": "acme-eu",
//    "now": "2026-02-25T15:00:00Z",
//    "cases": [{"name": "a login is sent",
//               "events": [{"type": "track", "event": "Logged In", ...}],
//               "batches": [{"environment": "production", ...}],
//               "outcomes": ["sent"],
//               "warnings": []}]}
//
// `outcomes` and `warnings` may be missing, and are not looked at then. A case
// may have a `now` of its own; without any it is the time of its newest event.
struct CasesFile {
  std::string path;
  std::string integration;
  std::vector<Case> cases;
  // The whole file, members in its order.
  nlohmann::ordered_json document;
};

// `path` itself, or the files NAME.json of the folder that it is, by name. A
// folder without any is an error.
absl::StatusOr<std::vector<std::string>> FindCasesFiles(
    const std::string& path);

// The error names the file, and the place in it; what is unknown in it is one.
absl::StatusOr<CasesFile> ReadCasesFile(const std::string& path);

// Writes `document` in the place of the file.
absl::Status WriteCasesFile(const CasesFile& file);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_CASES_FILE_H_
