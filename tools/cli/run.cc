#include "tools/cli/run.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "server/version.h"
#include "tools/cli/check_config_command.h"
#include "tools/cli/deliver_command.h"
#include "tools/cli/doctor_command.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/explain_config_command.h"
#include "tools/cli/manual_command.h"
#include "tools/cli/preview_command.h"
#include "tools/cli/reference_command.h"
#include "tools/cli/tail_command.h"

namespace signal_delivery::cli {

int Run(const std::vector<std::string>& args, const Terminal& terminal) {
  CLI::App app(
      "Talks to the delivery service: Datafly Signal events to mParticle.",
      "signalctl");
  app.set_version_flag("--version",
                       absl::StrCat("signalctl ", server::kVersion),
                       "Print the version and exit");
  app.footer(kExitCodeHelp);
  app.require_subcommand(1);

  ExitCode exit_code = kExitOk;
  AddDeliverCommand(app, terminal, exit_code);
  AddPreviewCommand(app, terminal, exit_code);
  AddTailCommand(app, terminal, exit_code);
  AddCheckConfigCommand(app, terminal, exit_code);
  AddDoctorCommand(app, terminal, exit_code);
  AddReferenceCommand(app, terminal);
  AddExplainConfigCommand(app, terminal, exit_code);
  AddManualCommands(app, terminal);

  // CLI11 reports through exceptions, --help included. None leaves this
  // function.
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, terminal.out, terminal.err) == 0 ? kExitOk
                                                            : kExitUsage;
  }
  // A full disk or a closed pipe: nobody has seen the results.
  if (!terminal.out.flush()) {
    terminal.err << "signalctl: cannot write the output\n";
    return kExitCallFailed;
  }
  return exit_code;
}

}  // namespace signal_delivery::cli
