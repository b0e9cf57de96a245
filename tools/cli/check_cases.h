#ifndef TOOLS_CLI_CHECK_CASES_H_
#define TOOLS_CLI_CHECK_CASES_H_

#include <map>
#include <string>
#include <vector>

#include "server/integration.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// The integrations that are checked.
using RulesById = std::map<std::string, server::IntegrationRules>;

struct CheckCasesOptions {
  // Files of cases, or folders of them.
  std::vector<std::string> paths;
  // Write what the cases gave into their files instead of failing. Default: no.
  bool update = false;
  // Name the cases that pass too, with their warnings. Default: no.
  bool verbose = false;
};

// Runs cases against the integrations that they name, and prints what is not as
// expected. Reads all files before it runs any.
ExitCode CheckCases(const CheckCasesOptions& options,
                    const RulesById& rules_by_id, const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_CHECK_CASES_H_
