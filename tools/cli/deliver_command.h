#ifndef TOOLS_CLI_DELIVER_COMMAND_H_
#define TOOLS_CLI_DELIVER_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `deliver`: sends events through the service and prints what became of
// each. Runs while `app` parses, and puts its result into `exit_code`, which
// must outlive that.
void AddDeliverCommand(CLI::App& app, const Terminal& terminal,
                       ExitCode& exit_code);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_DELIVER_COMMAND_H_
