#ifndef TOOLS_CLI_REFERENCE_COMMAND_H_
#define TOOLS_CLI_REFERENCE_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `reference`: prints what may stand in an integration's file.
void AddReferenceCommand(CLI::App& app, const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_REFERENCE_COMMAND_H_
