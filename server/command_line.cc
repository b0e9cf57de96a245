#include "server/command_line.h"

#include "absl/strings/str_cat.h"
#include "server/version.h"

namespace signal_delivery::server {

std::unique_ptr<CLI::App> CommandLineOf(CommandLine& line) {
  auto app = std::make_unique<CLI::App>(
      "Takes Datafly Signal events over gRPC and delivers them to mParticle.",
      "signal_delivery");
  app->set_version_flag("--version", absl::StrCat("signal_delivery ", kVersion),
                        "Print the version and exit");
  app->add_option("--config", line.config_file,
                  "The service's file (service.yaml)")
      ->required()
      ->type_name("FILE");
  app->add_option("--ready-file", line.ready_file,
                  "Written once calls are taken: {\"port\", \"admin_port\"}")
      ->type_name("FILE");
  app->footer(
      "Signals:\n"
      "  SIGTERM, SIGINT  say that it is about to end, then answer what is "
      "under way\n"
      "  SIGHUP           take changed files into use; they are looked at "
      "every 2 seconds, too\n"
      "\n"
      "Exit codes:\n"
      "  0  it was told to end, and every call is answered\n"
      "  1  it cannot run on this machine, as where a port is taken\n"
      "  2  wrong options, or a configuration that is wrong");
  return app;
}

}  // namespace signal_delivery::server
