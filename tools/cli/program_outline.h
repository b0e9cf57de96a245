#ifndef TOOLS_CLI_PROGRAM_OUTLINE_H_
#define TOOLS_CLI_PROGRAM_OUTLINE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace signal_delivery::cli {

// One option or positional argument.
struct OptionOutline {
  // "-v", "--verbose"; of a positional argument its one name, "FILE".
  std::vector<std::string> names;
  bool positional = false;
  bool required = false;
  // What its value is called: "FILE", "ID"; empty where it takes none.
  std::string value;
  // The values there are; empty where they are not a few words.
  std::vector<std::string> choices;
  std::string help;

  // Whether the value names something in the file system.
  bool TakesFile() const;
};

// What a person can type of one command, or of a program without commands.
struct CommandOutline {
  std::string name;
  std::string description;
  std::string footer;
  std::vector<OptionOutline> options;
  std::vector<CommandOutline> commands;
};

// From the very definitions that read the command line, so that completion and
// manual cannot lag behind them.
CommandOutline OutlineOf(const CLI::App& app);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_PROGRAM_OUTLINE_H_
