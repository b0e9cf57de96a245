#ifndef TOOLS_CLI_SHELL_COMPLETION_H_
#define TOOLS_CLI_SHELL_COMPLETION_H_

#include <string>
#include <vector>

#include "tools/cli/program_outline.h"

namespace signal_delivery::cli {

// Scripts that make a shell complete the programs' commands, options, and the
// values that are files or a few words. For `source`; zsh's may also be a file
// of its $fpath under the first program's name with a leading "_".
std::string BashCompletion(const std::vector<CommandOutline>& programs);
std::string ZshCompletion(const std::vector<CommandOutline>& programs);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_SHELL_COMPLETION_H_
