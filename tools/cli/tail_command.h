#ifndef TOOLS_CLI_TAIL_COMMAND_H_
#define TOOLS_CLI_TAIL_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `tail`: shows the events that the service had lately and those that
// follow, with what became of them. Runs while `app` parses, and puts its
// result into `exit_code`, which must outlive that.
void AddTailCommand(CLI::App& app, const Terminal& terminal,
                    ExitCode& exit_code);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_TAIL_COMMAND_H_
