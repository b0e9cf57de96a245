#include "tools/cli/settings_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/status_macros.h"
#include "tools/cli/yaml_lines.h"
#include "tools/cli/yaml_text.h"

namespace signal_delivery::cli {
namespace {

using mapping::ConfigNode;

// What holds where a file says nothing; see server/integration_keys.cc. Without
// max_events_per_batch there is no limit to write.
constexpr char kDefaults[] = R"(delivery_mode: server_side
parameters:
  allow_unlisted_host: false
  max_batches_per_second: 270
consent: {required: [], when_missing: deliver}
drop_properties: []
event_time: {in_future: send, too_old: send}
lone_identifies: drop
null_traits: ignore
skip_repeats: true
source_request_id: true
)";
constexpr char kBuiltIn[] = "built-in default";

// Written by MappingsText; a data plan is a part of what is global.
constexpr absl::string_view kMappingKeys[] = {"preset", "data_plan", "global",
                                              "defaults", "events"};

// A text instead of `{env: NAME}` or `{file: PATH}` is the secret itself.
constexpr absl::string_view kSecretKeys[] = {"api_key", "api_secret"};
constexpr char kHiddenSecret[] = "a secret that stands in the file, not shown";

template <typename Keys>
bool IsOneOf(const Keys& keys, absl::string_view key) {
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

// On one line.
absl::StatusOr<std::string> Inline(const ConfigNode& node) {
  std::vector<std::string> pieces;
  if (node.IsMap()) {
    ASSIGN_OR_RETURN(const auto entries, node.Entries());
    for (const auto& [key, value] : entries) {
      ASSIGN_OR_RETURN(const std::string piece, Inline(value));
      pieces.push_back(absl::StrCat(YamlText(key), ": ", piece));
    }
    return YamlMap(pieces);
  }
  if (node.IsList()) {
    ASSIGN_OR_RETURN(const std::vector<ConfigNode> items, node.Items());
    for (const ConfigNode& item : items) {
      ASSIGN_OR_RETURN(pieces.emplace_back(), Inline(item));
    }
    return YamlList(pieces);
  }
  if (node.IsNull()) return "null";
  // As it stands: 007 may be a text to its reader.
  ASSIGN_OR_RETURN(const std::string text, node.AsString());
  return node.IsQuoted() ? YamlScalar(text) : YamlText(text);
}

// The entries of `map`, and those of `defaults` that it does not have. nullopt
// is a map without entries.
absl::Status AddEntries(const std::optional<ConfigNode>& map,
                        const std::optional<ConfigNode>& defaults,
                        YamlLines lines) {
  if (map.has_value()) {
    ASSIGN_OR_RETURN(const auto entries, map->Entries());
    for (const auto& [key, value] : entries) {
      if (value.IsNull() || IsOneOf(kMappingKeys, key)) continue;
      const std::string name = YamlText(key);
      const bool is_secret = IsOneOf(kSecretKeys, key);
      if (value.IsMap() && !is_secret) {
        lines.AddHead(name);
        RETURN_IF_ERROR(AddEntries(
            value, defaults.has_value() ? defaults->Find(key) : std::nullopt,
            lines.Below()));
        continue;
      }
      std::string text = kHiddenSecret;
      if (!is_secret || value.IsMap()) {
        ASSIGN_OR_RETURN(text, Inline(value));
      }
      lines.Add(absl::StrCat(name, ": ", text), value.Location());
    }
  }
  if (!defaults.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto entries, defaults->Entries());
  for (const auto& [key, value] : entries) {
    if (map.has_value() && map->Find(key).has_value()) continue;
    if (value.IsMap()) {
      lines.AddHead(key);
      RETURN_IF_ERROR(AddEntries(std::nullopt, value, lines.Below()));
      continue;
    }
    ASSIGN_OR_RETURN(const std::string text, Inline(value));
    lines.Add(absl::StrCat(key, ": ", text), kBuiltIn);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SettingsText(const ConfigNode& file) {
  ASSIGN_OR_RETURN(const ConfigNode defaults,
                   ConfigNode::Parse(kDefaults, kBuiltIn));
  std::string text;
  RETURN_IF_ERROR(AddEntries(file, defaults, YamlLines(text)));
  return text;
}

}  // namespace signal_delivery::cli
