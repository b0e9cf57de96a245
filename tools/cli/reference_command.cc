#include "tools/cli/reference_command.h"

#include "tools/cli/reference_text.h"

namespace signal_delivery::cli {

void AddReferenceCommand(CLI::App& app, const Terminal& terminal) {
  CLI::App* command = app.add_subcommand(
      "reference",
      "Prints what may stand in an integration's file, as Markdown.");
  command->callback([terminal] { terminal.out << ReferenceText(); });
}

}  // namespace signal_delivery::cli
