#include "tools/cli/config_layers.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "mapping/presets.h"
#include "mapping/status_macros.h"

namespace signal_delivery::cli {
namespace {

using mapping::ConfigNode;

constexpr char kBuiltIn[] = "built-in default";

// The value that `keys` lead to from `node`.
std::optional<ConfigNode> Find(const ConfigNode& node,
                               absl::Span<const absl::string_view> keys) {
  if (keys.empty()) return node;
  const std::optional<ConfigNode> next = node.Find(keys.front());
  if (!next.has_value()) return std::nullopt;
  return Find(*next, keys.subspan(1));
}

}  // namespace

absl::StatusOr<ConfigLayers> ConfigLayers::Of(const ConfigNode& file) {
  ConfigLayers layers;
  // An integration's file is on top of the default preset without a word; a
  // preset is not.
  std::string below = "default";
  std::optional<ConfigNode> layer = file;
  while (layer.has_value()) {
    layers.layers_.push_back(*layer);
    if (std::optional<ConfigNode> preset = layer->Find("preset")) {
      ASSIGN_OR_RETURN(below, preset->AsString());
    }
    layer.reset();
    for (const mapping::Preset& preset : mapping::Presets()) {
      if (preset.name != below) continue;
      ASSIGN_OR_RETURN(layer, ConfigNode::Parse(
                                  preset.yaml, absl::StrCat("preset:", below)));
    }
    below.clear();
  }
  return layers;
}

std::string ConfigLayers::OriginOf(
    absl::Span<const absl::string_view> keys) const {
  for (const ConfigNode& layer : layers_) {
    if (std::optional<ConfigNode> found = Find(layer, keys)) {
      return found->Location();
    }
  }
  return kBuiltIn;
}

}  // namespace signal_delivery::cli
