// What signalctl's exit code says. Scripts rely on it: never renumber.
#ifndef TOOLS_CLI_EXIT_CODE_H_
#define TOOLS_CLI_EXIT_CODE_H_

#include "datafly/delivery/v1/delivery_service.pb.h"

namespace signal_delivery::cli {

// In rising order: where events differ, the highest code wins. 1 is left to
// what a crashing process or a shell makes of itself.
enum ExitCode : int {
  kExitOk = 0,        // every event was accepted (preview: would be sent)
  kExitUsage = 2,     // wrong options, or input that cannot be read
  kExitDropped = 3,   // some events were dropped by configuration
  kExitRejected = 4,  // some were rejected: correct them
  kExitNotDelivered =
      5,                // some were not delivered, or it is unknown: send again
  kExitCallFailed = 6,  // the call failed as a whole; there are no results
  kExitCaseFailed = 7,  // check-config: a case did not give what it expects
  kExitFault = 8,       // doctor: something is wrong
};

// The same for a person; stands below every --help.
inline constexpr char kExitCodeHelp[] =
    "Exit codes (where events differ, the highest wins):\n"
    "  0  every event was accepted (preview: would be sent; check-config and "
    "doctor: all good)\n"
    "  2  wrong options, or input that cannot be read; nothing was sent\n"
    "  3  some events were dropped by the integration's configuration\n"
    "  4  some events were rejected: correct them before you send them again\n"
    "  5  some events were not delivered, or it is unknown: send them again\n"
    "  6  the call failed as a whole, and there are no results\n"
    "  7  check-config: a case did not give what it expects\n"
    "  8  doctor: something is wrong";

// The exit code that one event with this outcome calls for. An outcome that
// this program does not know counts as not delivered: nothing says that the
// event was taken.
ExitCode ExitCodeFor(datafly::delivery::v1::Outcome outcome);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_EXIT_CODE_H_
