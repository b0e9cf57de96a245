#ifndef TOOLS_CLI_MANUAL_COMMAND_H_
#define TOOLS_CLI_MANUAL_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `completion` and `manual`, which print what a shell and man(1) want of
// signalctl and of signal_delivery. They tell of all commands that `app` has
// once it parses.
void AddManualCommands(CLI::App& app, const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_MANUAL_COMMAND_H_
