#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {

ExitCode ExitCodeFor(datafly::delivery::v1::Outcome outcome) {
  switch (outcome) {
    case datafly::delivery::v1::OUTCOME_ACCEPTED:
      return kExitOk;
    case datafly::delivery::v1::OUTCOME_DROPPED:
      return kExitDropped;
    case datafly::delivery::v1::OUTCOME_REJECTED:
      return kExitRejected;
    default:
      return kExitNotDelivered;
  }
}

}  // namespace signal_delivery::cli
