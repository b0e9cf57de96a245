#ifndef TOOLS_CLI_DEBUGGED_EVENT_TEXT_H_
#define TOOLS_CLI_DEBUGGED_EVENT_TEXT_H_

#include "datafly/delivery/v1/event_debugger.pb.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// A line for a person; with `payload` the notes and the payload below it.
void PrintTailed(const datafly::delivery::v1::TailEventsResponse& response,
                 bool payload, const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_DEBUGGED_EVENT_TEXT_H_
