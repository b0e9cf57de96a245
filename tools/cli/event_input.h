#ifndef TOOLS_CLI_EVENT_INPUT_H_
#define TOOLS_CLI_EVENT_INPUT_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::cli {

// The events of a file of Signal JSON; "-" is `standard_input`. An error names
// the file, and where in it; input without any event is an error too.
absl::StatusOr<std::vector<datafly::signal::v1::Event>> ReadEvents(
    const std::string& file, std::istream& standard_input);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_EVENT_INPUT_H_
