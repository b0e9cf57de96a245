#ifndef TOOLS_CLI_MANUAL_PAGE_H_
#define TOOLS_CLI_MANUAL_PAGE_H_

#include <string>

#include "tools/cli/program_outline.h"

namespace signal_delivery::cli {

// The program's page for man(1), in the roff macros of man(7). `section` is 1
// for a command, 8 for a service.
std::string ManualPage(const CommandOutline& program, int section);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_MANUAL_PAGE_H_
