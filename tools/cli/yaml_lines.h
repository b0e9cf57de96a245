#ifndef TOOLS_CLI_YAML_LINES_H_
#define TOOLS_CLI_YAML_LINES_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::cli {

// Writes lines of YAML of one depth, each with the place that it comes from
// behind it. A copy writes into the same text, which it borrows.
class YamlLines {
 public:
  explicit YamlLines(std::string& text, int indent = 0)
      : text_(&text), indent_(indent) {}

  // For what belongs to the line before.
  YamlLines Below() const { return YamlLines(*text_, indent_ + 2); }

  // "KEY:", where all that it says stands below it.
  void AddHead(absl::string_view key) const {
    absl::StrAppend(text_, std::string(indent_, ' '), key, ":\n");
  }
  void Add(absl::string_view line, absl::string_view origin) const {
    absl::StrAppend(text_, std::string(indent_, ' '), line, "  # ", origin,
                    "\n");
  }

 private:
  std::string* text_;
  int indent_;
};

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_YAML_LINES_H_
