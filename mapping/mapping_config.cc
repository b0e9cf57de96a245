#include "mapping/mapping_config.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "mapping/presets.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

using Scalar = std::variant<bool, double, std::string>;

absl::StatusOr<Scalar> ReadScalar(const ConfigNode& node) {
  ASSIGN_OR_RETURN(std::string text, node.AsString());
  if (!node.IsQuoted()) {
    if (text == "true") return Scalar(true);
    if (text == "false") return Scalar(false);
    if (double number; absl::SimpleAtod(text, &number)) return Scalar(number);
  }
  return Scalar(std::move(text));
}

absl::StatusOr<std::vector<std::string>> ReadSources(const ConfigNode& node) {
  std::vector<std::string> sources;
  if (node.IsList()) {
    ASSIGN_OR_RETURN(std::vector<ConfigNode> items, node.Items());
    for (const ConfigNode& item : items) {
      ASSIGN_OR_RETURN(sources.emplace_back(), item.AsString());
    }
    if (sources.empty()) return node.Error("the list of sources is empty");
  } else {
    ASSIGN_OR_RETURN(sources.emplace_back(), node.AsString());
  }
  return sources;
}

absl::StatusOr<std::string> ReadOptionalString(const ConfigNode& map,
                                               absl::string_view key) {
  std::optional<ConfigNode> node = map.Find(key);
  if (!node.has_value()) return "";
  return node->AsString();
}

absl::StatusOr<std::vector<FieldMapping>> ReadFieldMappings(
    const ConfigNode& list);

absl::StatusOr<FieldMapping> ReadFieldMapping(const ConfigNode& node) {
  RETURN_IF_ERROR(node.ExpectKeys(
      {"source", "target", "value", "transform", "format", "each"}));
  FieldMapping mapping{.origin = node};
  ASSIGN_OR_RETURN(ConfigNode target, node.Require("target"));
  ASSIGN_OR_RETURN(mapping.target, target.AsString());

  const std::optional<ConfigNode> source = node.Find("source");
  const std::optional<ConfigNode> value = node.Find("value");
  if (source.has_value() == value.has_value()) {
    return node.Error("a mapping needs either a \"source\" or a \"value\"");
  }
  if (source.has_value()) {
    ASSIGN_OR_RETURN(mapping.sources, ReadSources(*source));
  } else {
    ASSIGN_OR_RETURN(mapping.value, ReadScalar(*value));
  }
  ASSIGN_OR_RETURN(mapping.transform, ReadOptionalString(node, "transform"));
  ASSIGN_OR_RETURN(mapping.format, ReadOptionalString(node, "format"));
  if (std::optional<ConfigNode> each = node.Find("each")) {
    if (value.has_value()) return each->Error("needs a \"source\"");
    ASSIGN_OR_RETURN(mapping.each, ReadFieldMappings(*each));
    if (mapping.each.empty()) return each->Error("has no mappings");
  }
  return mapping;
}

absl::StatusOr<std::vector<FieldMapping>> ReadFieldMappings(
    const ConfigNode& list) {
  std::vector<FieldMapping> mappings;
  ASSIGN_OR_RETURN(std::vector<ConfigNode> items, list.Items());
  for (const ConfigNode& item : items) {
    ASSIGN_OR_RETURN(FieldMapping mapping, ReadFieldMapping(item));
    for (const FieldMapping& earlier : mappings) {
      if (earlier.target == mapping.target) {
        return item.Error(absl::StrCat("a second mapping to \"", mapping.target,
                                       "\"; the first is at ",
                                       earlier.origin.Location()));
      }
    }
    mappings.push_back(std::move(mapping));
  }
  return mappings;
}

absl::StatusOr<EventMapping> ReadEventMapping(std::string name,
                                              const ConfigNode& node) {
  RETURN_IF_ERROR(
      node.ExpectKeys({"enabled", "vendor_event_name", "mappings"}));
  EventMapping event{.origin = node, .name = std::move(name)};
  if (std::optional<ConfigNode> enabled = node.Find("enabled")) {
    ASSIGN_OR_RETURN(event.enabled, enabled->AsBool());
  }
  ASSIGN_OR_RETURN(event.vendor_event_name,
                   ReadOptionalString(node, "vendor_event_name"));
  if (std::optional<ConfigNode> mappings = node.Find("mappings")) {
    ASSIGN_OR_RETURN(event.mappings, ReadFieldMappings(*mappings));
  }
  return event;
}

// Signal's format has mappings here for `action: send`; an event that is
// dropped is not mapped.
absl::Status CheckDefaults(const ConfigNode& defaults) {
  RETURN_IF_ERROR(defaults.ExpectKeys({"action", "mappings"}));
  if (std::optional<ConfigNode> action = defaults.Find("action")) {
    ASSIGN_OR_RETURN(std::string word, action->AsString());
    if (word != "drop") return action->UnknownWord("action", word, {"drop"});
  }
  if (std::optional<ConfigNode> mappings = defaults.Find("mappings")) {
    ASSIGN_OR_RETURN(std::vector<ConfigNode> items, mappings->Items());
    if (!items.empty()) {
      return mappings->Error(
          "would never be used: events that `events` does not name are "
          "dropped; remove them");
    }
  }
  return absl::OkStatus();
}

void OverlayMappings(std::vector<FieldMapping>& base,
                     const std::vector<FieldMapping>& changes) {
  for (const FieldMapping& change : changes) {
    auto same = std::find_if(
        base.begin(), base.end(),
        [&](const FieldMapping& m) { return m.target == change.target; });
    if (same == base.end()) {
      base.push_back(change);
    } else {
      *same = change;
    }
  }
}

}  // namespace

absl::Status CheckVersion(const ConfigNode& file) {
  ASSIGN_OR_RETURN(ConfigNode version, file.Require("version"));
  if (absl::StatusOr<int> number = version.AsInt(2, 2); !number.ok()) {
    return version.Error("this service reads version 2 only; write version: 2");
  }
  return absl::OkStatus();
}

absl::StatusOr<MappingConfig> ReadMappingConfig(const ConfigNode& file) {
  MappingConfig config;
  if (std::optional<ConfigNode> global = file.Find("global")) {
    RETURN_IF_ERROR(global->ExpectKeys({"mappings"}));
    ASSIGN_OR_RETURN(ConfigNode mappings, global->Require("mappings"));
    ASSIGN_OR_RETURN(config.global, ReadFieldMappings(mappings));
  }
  if (std::optional<ConfigNode> defaults = file.Find("defaults")) {
    RETURN_IF_ERROR(CheckDefaults(*defaults));
  }
  if (std::optional<ConfigNode> events = file.Find("events")) {
    ASSIGN_OR_RETURN(auto entries, events->Entries());
    for (auto& [name, node] : entries) {
      ASSIGN_OR_RETURN(EventMapping event, ReadEventMapping(name, node));
      config.events.push_back(std::move(event));
    }
  }
  return config;
}

absl::StatusOr<MappingConfig> LoadPreset(absl::string_view name) {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) {
    if (preset.name != name) {
      names.emplace_back(preset.name);
      continue;
    }
    ASSIGN_OR_RETURN(
        ConfigNode file,
        ConfigNode::Parse(preset.yaml, absl::StrCat("preset:", name)));
    RETURN_IF_ERROR(
        file.ExpectKeys({"version", "global", "defaults", "events"}));
    RETURN_IF_ERROR(CheckVersion(file));
    return ReadMappingConfig(file);
  }
  return absl::NotFoundError(
      absl::StrCat("there is no preset \"", name,
                   "\"; there is: ", absl::StrJoin(names, ", ")));
}

MappingConfig Overlay(MappingConfig base, const MappingConfig& changes) {
  OverlayMappings(base.global, changes.global);
  for (const EventMapping& change : changes.events) {
    auto same = std::find_if(
        base.events.begin(), base.events.end(),
        [&](const EventMapping& e) { return e.name == change.name; });
    if (same == base.events.end()) {
      base.events.push_back(change);
      continue;
    }
    same->origin = change.origin;
    same->enabled = change.enabled;
    if (!change.vendor_event_name.empty()) {
      same->vendor_event_name = change.vendor_event_name;
    }
    OverlayMappings(same->mappings, change.mappings);
  }
  return base;
}

}  // namespace signal_delivery::mapping
