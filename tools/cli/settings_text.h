#ifndef TOOLS_CLI_SETTINGS_TEXT_H_
#define TOOLS_CLI_SETTINGS_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "mapping/config_node.h"

namespace signal_delivery::cli {

// All of an integration's file but its preset and its mappings, as YAML, with
// what holds where the file says nothing, and behind each line the place that
// it comes from. Where a secret is to be found is shown, a secret never.
// `file` must have been read without an error.
absl::StatusOr<std::string> SettingsText(const mapping::ConfigNode& file);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_SETTINGS_TEXT_H_
