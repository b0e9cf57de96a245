#ifndef TOOLS_CLI_TERMINAL_H_
#define TOOLS_CLI_TERMINAL_H_

#include <istream>
#include <ostream>

namespace signal_delivery::cli {

// Where a command reads and writes. Borrows the streams. Passed in, so that
// tests need no process of their own.
struct Terminal {
  std::istream& in;
  std::ostream& out;  // results, and nothing else
  std::ostream& err;  // what went wrong with the command as a whole
  // Colour in `out`, for a person who reads it on a screen. Default: no.
  bool color = false;
};

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_TERMINAL_H_
