#include "tests/support/log_lines.h"

#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::support {

using ::nlohmann::json;

std::vector<json> LogLines(const std::string& output) {
  std::vector<json> lines;
  for (const absl::string_view text :
       absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    json line = json::parse(text.begin(), text.end(), nullptr,
                            /*allow_exceptions=*/false);
    const bool is_line = line.is_object() && line.contains("time") &&
                         line.contains("level") && line.contains("message");
    EXPECT_TRUE(is_line) << text;
    if (is_line) lines.push_back(std::move(line));
  }
  return lines;
}

json LastWith(const std::string& message, const std::string& output) {
  json last;
  for (json& line : LogLines(output)) {
    if (line["message"] == message) last = std::move(line);
  }
  return last;
}

}  // namespace signal_delivery::support
