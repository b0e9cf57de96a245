#ifndef TOOLS_CLI_CONFIG_LAYERS_H_
#define TOOLS_CLI_CONFIG_LAYERS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/config_node.h"

namespace signal_delivery::cli {

// An integration's file and the presets below it, to say which of them a key's
// value comes from.
class ConfigLayers {
 public:
  static absl::StatusOr<ConfigLayers> Of(const mapping::ConfigNode& file);

  // How many there are, the file among them.
  std::size_t size() const { return layers_.size(); }

  // "file:line:column" of the key that `keys` lead to, in the uppermost layer
  // that has it; "built-in default" where none has.
  std::string OriginOf(absl::Span<const absl::string_view> keys) const;

 private:
  // From top to bottom.
  std::vector<mapping::ConfigNode> layers_;
};

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_CONFIG_LAYERS_H_
