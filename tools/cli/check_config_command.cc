#include "tools/cli/check_config_command.h"

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mapping/config_node.h"
#include "mapping/status_macros.h"
#include "server/file.h"
#include "server/integration.h"
#include "server/live_integrations.h"
#include "server/service_config.h"
#include "tools/cli/check_cases.h"

namespace signal_delivery::cli {
namespace {

// Below the options of --help.
constexpr char kHelp[] =
    "With --cases, for a CI of your own: no service, no network and no secrets "
    "are needed.\n"
    "A file of cases is JSON:\n"
    "  {\"integration\": \"acme-eu\",\n"
    "   \"now\": \"2026-02-25T15:00:00Z\",\n"
    "   \"cases\": [{\"name\": \"a login is sent\",\n"
    "              \"events\": [Signal's JSON],\n"
    "              \"batches\": [the bodies to be posted, in order],\n"
    "              \"outcomes\": [one per event: \"sent\", or the reason why "
    "not, as NOT_MAPPED],\n"
    "              \"warnings\": [the events' paths that are warned about]}]}\n"
    "Without \"outcomes\" or \"warnings\" these are not compared; a "
    "\"source_request_id\" only\n"
    "where a batch of the case has one. Without \"now\" it is the time of a "
    "case's newest\nevent. To begin, write the events and let "
    "--update write\n"
    "the batches; then read what it wrote.\n"
    "  signalctl check-config integrations/ --cases=cases/\n\n";

// An integration's file says its version; a service's file has none.
absl::StatusOr<bool> IsIntegrationFile(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, server::ReadFile(path));
  ASSIGN_OR_RETURN(mapping::ConfigNode file,
                   mapping::ConfigNode::Parse(text, path));
  return file.Find("version").has_value();
}

struct Files {
  std::vector<std::string> paths;
  // All that a service would read, so that they have a version.
  bool complete = true;
};

absl::StatusOr<Files> FindFiles(const std::string& path) {
  std::string folder = path;
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    ASSIGN_OR_RETURN(const bool is_integration, IsIntegrationFile(path));
    if (is_integration) return Files{.paths = {path}, .complete = false};
    ASSIGN_OR_RETURN(server::ServiceConfig config,
                     server::LoadServiceConfig(path));
    folder = config.integrations_dir;
  }
  ASSIGN_OR_RETURN(std::vector<std::string> paths,
                   server::FindIntegrations(folder));
  return Files{.paths = std::move(paths)};
}

template <typename Integration>
void PrintGood(const Integration& integration, absl::string_view but,
               const Terminal& terminal) {
  terminal.out << integration.id << ": good, delivers to "
               << integration.s2s_host << " (" << integration.environment << ")"
               << but << "\n";
}

ExitCode CheckConfig(const std::string& path, const CheckCasesOptions& cases,
                     const Terminal& terminal) {
  const absl::StatusOr<Files> files = FindFiles(path);
  if (!files.ok()) {
    terminal.err << files.status().message() << "\n";
    return kExitUsage;
  }
  const bool with_cases = !cases.paths.empty();
  RulesById rules_by_id;
  server::TrustByFile trust;
  server::Integrations integrations;
  bool good = true;
  const auto failed = [&](const absl::Status& status) {
    if (!status.ok()) terminal.err << status.message() << "\n";
    good = good && status.ok();
    return !status.ok();
  };
  for (const std::string& file : files->paths) {
    // Cases are run where the secrets are not.
    if (with_cases) {
      absl::StatusOr<server::IntegrationRules> rules = server::LoadRules(file);
      if (failed(rules.status())) continue;
      PrintGood(*rules, "; its secrets were not checked", terminal);
      std::string id = rules->id;
      rules_by_id.emplace(std::move(id), *std::move(rules));
    } else {
      const auto integration = server::LoadIntegration(file, trust);
      if (failed(integration.status())) continue;
      PrintGood(**integration, "", terminal);
      integrations[(*integration)->id] = *integration;
    }
  }
  if (!good) return kExitUsage;
  if (with_cases) return CheckCases(cases, rules_by_id, terminal);
  if (files->complete) {
    terminal.out << "version " << server::VersionOf(integrations)
                 << ": as the service's log and metrics say once it is in "
                    "force\n";
  }
  return kExitOk;
}

}  // namespace

void AddCheckConfigCommand(CLI::App& app, const Terminal& terminal,
                           ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "check-config",
      "Reads a configuration as the service would and says what is wrong; "
      "runs cases of\nevents and expected batches against it.");
  command->footer(absl::StrCat(kHelp, kExitCodeHelp));
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
                 "Write what differs into the files of cases, which are "
                 "indented by two then")
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
