#ifndef TOOLS_CLI_EXPLAIN_CONFIG_COMMAND_H_
#define TOOLS_CLI_EXPLAIN_CONFIG_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `explain-config`: prints an integration's file as what it amounts to,
// the preset and the built-in defaults included, with the place that each line
// comes from. Needs no server, no network and no secrets. Runs while `app`
// parses, and puts its result into `exit_code`, which must outlive that.
void AddExplainConfigCommand(CLI::App& app, const Terminal& terminal,
                             ExitCode& exit_code);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_EXPLAIN_CONFIG_COMMAND_H_
