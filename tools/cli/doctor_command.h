#ifndef TOOLS_CLI_DOCTOR_COMMAND_H_
#define TOOLS_CLI_DOCTOR_COMMAND_H_

#include <CLI/CLI.hpp>

#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// Adds `doctor`: looks at a deployment from where it stands, and says of each
// thing that is wrong how to mend it. Sends no event and no key. Runs while
// `app` parses, and puts its result into `exit_code`, which must outlive that.
void AddDoctorCommand(CLI::App& app, const Terminal& terminal,
                      ExitCode& exit_code);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_DOCTOR_COMMAND_H_
