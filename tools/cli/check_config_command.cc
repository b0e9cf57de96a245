#include "tools/cli/check_config_command.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "mapping/config_node.h"
#include "mapping/status_macros.h"
#include "server/file.h"
#include "server/integration.h"
#include "server/service_config.h"
#include "tools/cli/check_cases.h"

namespace signal_delivery::cli {
namespace {

// An integration's file says its version; a service's file has none.
absl::StatusOr<bool> IsIntegrationFile(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, server::ReadFile(path));
  ASSIGN_OR_RETURN(mapping::ConfigNode file,
                   mapping::ConfigNode::Parse(text, path));
  return file.Find("version").has_value();
}

absl::StatusOr<server::Integrations> Load(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return server::LoadIntegrations(path);
  }
  ASSIGN_OR_RETURN(const bool is_integration, IsIntegrationFile(path));
  if (is_integration) {
    server::Integrations integrations;
    server::TrustByFile trust;
    ASSIGN_OR_RETURN(auto integration, server::LoadIntegration(path, trust));
    integrations.emplace(integration->id, integration);
    return integrations;
  }
  ASSIGN_OR_RETURN(server::ServiceConfig config,
                   server::LoadServiceConfig(path));
  return server::LoadIntegrations(config.integrations_dir);
}

ExitCode CheckConfig(const std::string& path, const CheckCasesOptions& cases,
                     const Terminal& terminal) {
  const absl::StatusOr<server::Integrations> integrations = Load(path);
  if (!integrations.ok()) {
    terminal.err << integrations.status().message() << "\n";
    return kExitUsage;
  }
  std::vector<std::string> lines;
  for (const auto& [id, integration] : *integrations) {
    lines.push_back(id + ": good, delivers to " + integration->s2s_host + " (" +
                    integration->environment + ")");
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) terminal.out << line << "\n";
  if (cases.paths.empty()) return kExitOk;
  return CheckCases(cases, *integrations, terminal);
}

}  // namespace

void AddCheckConfigCommand(CLI::App& app, const Terminal& terminal,
                           ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "check-config",
      "Reads a configuration as the service would and says what is wrong.");
  auto path = std::make_shared<std::string>();
  command
      ->add_option("PATH", *path,
                   "service.yaml, an integration's file, or a folder of them")
      ->required();
  auto cases = std::make_shared<CheckCasesOptions>();
  CLI::Option* paths =
      command
          ->add_option("--cases", cases->paths,
                       "A file of cases, or a folder of them (NAME.json): "
                       "events, and the batches they are to become. May be "
                       "given several times")
          ->allow_extra_args(false)
          ->type_name("PATH");
  command
      ->add_flag("--update", cases->update,
                 "Write what differs into the files of cases")
      ->needs(paths);
  command
      ->add_flag("-v,--verbose", cases->verbose,
                 "Name the cases that pass, too, and what was warned about")
      ->needs(paths);
  command->callback([path, cases, terminal, &exit_code] {
    exit_code = CheckConfig(*path, *cases, terminal);
  });
}

}  // namespace signal_delivery::cli
