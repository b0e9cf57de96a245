// signalctl: hands Signal events to the delivery service, from a shell.
//
//   signalctl deliver events.jsonl --integration=acme-eu
//
// Exit codes: tools/cli/exit_code.h. A new command is a new file in tools/cli
// and one line in tools/cli/run.cc.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "tools/cli/run.h"

int main(int argc, char** argv) {
  // https://no-color.org: set and not empty means no colour.
  const char* no_color = std::getenv("NO_COLOR");
  const bool color =
      isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
  return signal_delivery::cli::Run({argv + 1, argv + argc},
                                   {std::cin, std::cout, std::cerr, color});
}
