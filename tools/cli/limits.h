#ifndef TOOLS_CLI_LIMITS_H_
#define TOOLS_CLI_LIMITS_H_

namespace signal_delivery::cli {

// Of input, of a request and of a response. Ours: 10,000 events, the most that
// a call may have, fit at 6 KiB each, and a slip such as a log file for input
// does not fill the memory.
inline constexpr int kMaxMessageBytes = 64 << 20;

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_LIMITS_H_
