#ifndef SERVER_COMMAND_LINE_H_
#define SERVER_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace signal_delivery::server {

// What signal_delivery is told when it is started.
struct CommandLine {
  // The service's file. Required.
  std::string config_file;
  // Where it writes which ports it has. Default: "", nowhere.
  std::string ready_file;
};

// The options of signal_delivery, which read into `line`; that must outlive
// what is returned. They are here, and not with the program, so that its manual
// and the shells' completion are made from them.
std::unique_ptr<CLI::App> CommandLineOf(CommandLine& line);

}  // namespace signal_delivery::server

#endif  // SERVER_COMMAND_LINE_H_
