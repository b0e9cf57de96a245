#include "server/log_level.h"

#include <cstddef>
#include <iterator>

namespace signal_delivery::server {
namespace {

// In the order of LogLevel.
constexpr absl::string_view kNames[] = {"trace", "debug", "info", "warn",
                                        "error"};

}  // namespace

absl::string_view NameOf(LogLevel level) {
  return kNames[static_cast<size_t>(level)];
}

std::optional<LogLevel> LogLevelOf(absl::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

}  // namespace signal_delivery::server
