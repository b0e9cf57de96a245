#ifndef SERVER_LOG_LEVEL_H_
#define SERVER_LOG_LEVEL_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace signal_delivery::server {

// How much a line of the log matters, the least first.
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };

// "trace", "debug", "info", "warn", "error".
absl::string_view NameOf(LogLevel level);
std::optional<LogLevel> LogLevelOf(absl::string_view name);

}  // namespace signal_delivery::server

#endif  // SERVER_LOG_LEVEL_H_
