#include "tools/cli/mappings_text.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/cli/yaml_lines.h"
#include "tools/cli/yaml_text.h"

namespace signal_delivery::cli {
namespace {

using mapping::EventMapping;
using mapping::FieldMapping;
using mapping::MappingConfig;
using mapping::Scalar;

// `NAME` or `{NAME: ARGUMENT}`.
std::string StepText(const mapping::TransformStep& step) {
  std::string name = YamlText(step.name);
  if (!step.argument.has_value()) return name;
  return YamlMap({absl::StrCat(name, ": ", YamlScalar(*step.argument))});
}

std::string TransformText(const std::vector<mapping::TransformStep>& steps) {
  if (steps.size() == 1) return StepText(steps.front());
  std::vector<std::string> texts;
  texts.reserve(steps.size());
  for (const mapping::TransformStep& step : steps) {
    texts.push_back(StepText(step));
  }
  return YamlList(texts);
}

std::string SourceText(const std::vector<std::string>& sources) {
  std::vector<std::string> texts;
  texts.reserve(sources.size());
  for (const std::string& source : sources) texts.push_back(YamlText(source));
  return texts.size() == 1 ? texts.front() : YamlList(texts);
}

std::string ValueMapText(const FieldMapping& mapping) {
  std::vector<std::string> entries;
  for (const auto& [from, to] : mapping.value_map) {
    entries.push_back(absl::StrCat(YamlText(from), ": ",
                                   to.has_value() ? YamlScalar(*to) : "null"));
  }
  return YamlMap(entries);
}

// All of a mapping but its `each`, as "key: value".
std::vector<std::string> Entries(const FieldMapping& mapping) {
  std::vector<std::string> entries;
  const auto add = [&](absl::string_view key, const std::string& value) {
    entries.push_back(absl::StrCat(key, ": ", value));
  };
  if (!mapping.sources.empty()) add("source", SourceText(mapping.sources));
  add("target", YamlText(mapping.target));
  if (mapping.value.has_value()) add("value", YamlScalar(*mapping.value));
  if (!mapping.transform.empty()) {
    add("transform", TransformText(mapping.transform));
  }
  if (!mapping.value_map.empty()) add("value_map", ValueMapText(mapping));
  if (mapping.default_value.has_value()) {
    add("default", YamlScalar(*mapping.default_value));
  }
  if (mapping.remove) add("remove", "true");
  return entries;
}

void AddMappings(absl::string_view key,
                 const std::vector<FieldMapping>& mappings, YamlLines lines) {
  if (mappings.empty()) return;
  lines.AddHead(key);
  const YamlLines items = lines.Below();
  for (const FieldMapping& mapping : mappings) {
    const std::string origin = mapping.origin.Location();
    const std::vector<std::string> entries = Entries(mapping);
    if (mapping.each.empty()) {
      items.Add(absl::StrCat("- ", YamlMap(entries)), origin);
      continue;
    }
    absl::string_view lead = "- ";
    for (const std::string& entry : entries) {
      items.Add(absl::StrCat(lead, entry), origin);
      lead = "  ";
    }
    AddMappings("each", mapping.each, items.Below());
  }
}

void AddDefaults(const MappingConfig& config, const ConfigLayers& layers,
                 YamlLines lines) {
  lines.AddHead("defaults");
  lines = lines.Below();
  const bool send =
      config.defaults.has_value() && config.defaults->enabled.value_or(false);
  lines.Add(absl::StrCat("action: ", send ? "send" : "drop"),
            layers.OriginOf({"defaults", "action"}));
  // Of events that are dropped nothing is mapped.
  if (send) AddMappings("mappings", config.defaults->mappings, lines);
}

void AddEvent(const EventMapping& event, const ConfigLayers& layers,
              YamlLines lines) {
  const bool is_empty = !event.enabled.has_value() &&
                        event.vendor_event_name.empty() &&
                        event.mappings.empty();
  lines.Add(absl::StrCat(YamlText(event.name), is_empty ? ": {}" : ":"),
            event.origin.Location());
  lines = lines.Below();
  if (event.enabled.has_value()) {
    lines.Add(absl::StrCat("enabled: ", *event.enabled ? "true" : "false"),
              layers.OriginOf({"events", event.name, "enabled"}));
  }
  if (!event.vendor_event_name.empty()) {
    lines.Add(
        absl::StrCat("vendor_event_name: ", YamlText(event.vendor_event_name)),
        layers.OriginOf({"events", event.name, "vendor_event_name"}));
  }
  AddMappings("mappings", event.mappings, lines);
}

}  // namespace

std::string MappingsText(const MappingConfig& config,
                         const ConfigLayers& layers) {
  std::string text;
  const YamlLines lines(text);
  if (!config.global.empty()) {
    lines.AddHead("global");
    AddMappings("mappings", config.global, lines.Below());
  }
  AddDefaults(config, layers, lines);
  if (!config.events.empty()) lines.AddHead("events");
  for (const EventMapping& event : config.events) {
    AddEvent(event, layers, lines.Below());
  }
  return text;
}

}  // namespace signal_delivery::cli
