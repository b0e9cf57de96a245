#include "tools/cli/explain_config_command.h"

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "mapping/config_node.h"
#include "mapping/mapping_config.h"
#include "mapping/status_macros.h"
#include "server/file.h"
#include "server/integration.h"
#include "tools/cli/config_layers.h"
#include "tools/cli/mappings_text.h"
#include "tools/cli/settings_text.h"

namespace signal_delivery::cli {
namespace {

using mapping::ConfigNode;

// Below the options of --help.
constexpr char kHelp[] =
    "The output is a configuration itself, and maps alike: put it beside the "
    "file to keep\n"
    "relative paths. Behind each line stands where it comes from: the file, a "
    "preset, or a\n"
    "built-in default. No secret is needed or printed: {env: NAME} and {file: "
    "PATH} stay as\n"
    "they are, and a secret that stands in the file itself is left out.\n"
    "  signalctl explain-config integrations/acme-eu.yaml\n\n";

absl::StatusOr<std::string> Explain(const std::string& path) {
  // Says what is wrong, if anything is.
  RETURN_IF_ERROR(server::LoadRules(path).status());
  ASSIGN_OR_RETURN(const std::string text, server::ReadFile(path));
  // Its name alone: an origin stands behind each line, and is to be short.
  ASSIGN_OR_RETURN(
      const ConfigNode file,
      ConfigNode::Parse(text, std::filesystem::path(path).filename().string()));
  ASSIGN_OR_RETURN(const std::string settings, SettingsText(file));
  ASSIGN_OR_RETURN(const ConfigLayers layers, ConfigLayers::Of(file));
  ASSIGN_OR_RETURN(const mapping::MappingConfig mappings,
                   mapping::LoadMappings(file));
  return absl::StrCat("# What ", file.file(),
                      " amounts to, and where each line comes from.\n",
                      settings, "preset: none  # ", layers.OriginOf({"preset"}),
                      layers.size() > 1 ? "; it is merged in\n" : "\n",
                      MappingsText(mappings, layers));
}

}  // namespace

void AddExplainConfigCommand(CLI::App& app, const Terminal& terminal,
                             ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "explain-config",
      "Prints what an integration's file amounts to: its preset and the "
      "built-in defaults\nmerged in, and behind each line where it comes "
      "from.");
  command->footer(absl::StrCat(kHelp, kExitCodeHelp));
  auto path = std::make_shared<std::string>();
  command->add_option("FILE", *path, "An integration's file")->required();
  command->callback([path, terminal, &exit_code] {
    const absl::StatusOr<std::string> text = Explain(*path);
    if (text.ok()) {
      terminal.out << *text;
    } else {
      terminal.err << text.status().message() << "\n";
      exit_code = kExitUsage;
    }
  });
}

}  // namespace signal_delivery::cli
