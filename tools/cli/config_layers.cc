#include "tools/cli/config_layers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mapping/mapping_config.h"
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
  layers.layers_.push_back(file);
  // An integration's file is on top of the default preset without a word; a
  // preset is on top of none.
  std::string below(mapping::kDefaultPreset);
  while (true) {
    if (auto preset = layers.layers_.back().Find("preset")) {
      ASSIGN_OR_RETURN(below, preset->AsString());
    }
    const auto presets = mapping::Presets();
    const auto preset =
        std::find_if(presets.begin(), presets.end(),
                     [&](const auto& known) { return known.name == below; });
    if (preset == presets.end()) return layers;
    ASSIGN_OR_RETURN(
        ConfigNode layer,
        ConfigNode::Parse(preset->yaml, absl::StrCat("preset:", below)));
    layers.layers_.push_back(std::move(layer));
    below.clear();
  }
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
