#ifndef TOOLS_CLI_CHECK_CONFIG_COMMAND_H_
#define TOOLS_CLI_CHECK_CONFIG_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `check-config`: reads a service's file, an integration's file or a
// folder of integrations as the service would at its start, secrets included,
// and says what is wrong with it. Needs no server and no network. Runs while
// `app` parses, and puts its result into `exit_code`, which must outlive that.
void AddCheckConfigCommand(CLI::App& app, const Terminal& terminal,
                           ExitCode& exit_code);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_CHECK_CONFIG_COMMAND_H_
