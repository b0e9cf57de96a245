#include "tools/cli/manual_command.h"

#include <memory>
#include <string>
#include <vector>

#include "server/command_line.h"
#include "tools/cli/manual_page.h"
#include "tools/cli/program_outline.h"
#include "tools/cli/shell_completion.h"

namespace signal_delivery::cli {
namespace {

constexpr int kCommandSection = 1;
constexpr int kServiceSection = 8;

CommandOutline ServiceOutline() {
  server::CommandLine line;
  return OutlineOf(*server::CommandLineOf(line));
}

}  // namespace

void AddManualCommands(CLI::App& app, const Terminal& terminal) {
  CLI::App* completion = app.add_subcommand(
      "completion",
      "Prints what makes a shell complete the commands, options and values of "
      "signalctl and\nsignal_delivery: source <(signalctl completion bash)");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "The shell that is to complete")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&app, shell, terminal] {
    const std::vector<CommandOutline> programs = {OutlineOf(app),
                                                  ServiceOutline()};
    terminal.out << (*shell == "zsh" ? ZshCompletion(programs)
                                     : BashCompletion(programs));
  });

  CLI::App* manual = app.add_subcommand(
      "manual",
      "Prints a program's page for man(1): signalctl manual signalctl > "
      "signalctl.1; man -l signalctl.1");
  auto program = std::make_shared<std::string>();
  manual->add_option("PROGRAM", *program, "The program that it describes")
      ->required()
      ->check(CLI::IsMember({"signalctl", "signal_delivery"}));
  manual->callback([&app, program, terminal] {
    terminal.out << (*program == "signalctl"
                         ? ManualPage(OutlineOf(app), kCommandSection)
                         : ManualPage(ServiceOutline(), kServiceSection));
  });
}

}  // namespace signal_delivery::cli
