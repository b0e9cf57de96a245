#ifndef TOOLS_CLI_RUN_H_
#define TOOLS_CLI_RUN_H_

#include <string>
#include <vector>

#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// The whole of signalctl but its process: reads `args` (without the program's
// name), runs the command and returns the exit code, an ExitCode.
int Run(const std::vector<std::string>& args, const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_RUN_H_
