#include "mapping/mapping_config.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/presets.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

constexpr absl::string_view kNoPreset = "none";

constexpr ConfigKey kDataPlanKeys[] = {
    {"plan_id", "The plan's identifier. Required."},
    {"plan_version", "The plan's version, from 1. Without it: the latest one."},
};

// Where the data plan of an integration goes in a batch.
constexpr absl::string_view kDataPlanTarget = "context.data_plan.";

// mParticle's default service limit of different event names in a workspace.
constexpr size_t kMaxEvents = 1'000;

// Twice the attributes that mParticle takes of a user. Each event has a copy of
// its own of the global mappings.
constexpr size_t kMaxGlobalMappings = 200;

// Any version; mParticle counts them from 1.
constexpr int kMaxPlanVersion = 1'000'000;

constexpr ConfigKey kGlobalKeys[] = {
    {"mappings", "The mappings of every event. Required."},
};

constexpr ConfigKey kDefaultsKeys[] = {
    {"action",
     "What becomes of an event that `events` does not name: `drop` or `send`. "
     "The presets say `drop`."},
    {"mappings",
     "With `action: send`: its mappings, on top of the global ones. The "
     "presets "
     "make it a custom event of type `other` with the event's own name."},
};

constexpr ConfigKey kEventKeys[] = {
    {"enabled",
     "`false` drops the events of this name. Without it: as inherited, or "
     "`true`."},
    {"vendor_event_name",
     "mParticle's `event_name`, for event types that have one."},
    {"mappings",
     "The mappings of this event, on top of the global ones. One of them, "
     "`{target: event_type, value: ...}`, says which mParticle event it "
     "becomes; another type than the inherited one starts the event afresh."},
};

using Mappings = std::vector<FieldMapping>;

template <typename List>
auto Find(List& mappings, absl::string_view target) {
  return std::find_if(
      mappings.begin(), mappings.end(),
      [&](const FieldMapping& m) { return m.target == target; });
}

absl::StatusOr<EventMapping> ReadEventMapping(std::string name,
                                              const ConfigNode& node) {
  RETURN_IF_ERROR(node.ExpectKeys(kEventKeys));
  EventMapping event{.origin = node, .name = std::move(name)};
  if (std::optional<ConfigNode> enabled = node.Find("enabled")) {
    ASSIGN_OR_RETURN(event.enabled, enabled->AsBool());
  }
  if (std::optional<ConfigNode> vendor = node.Find("vendor_event_name")) {
    ASSIGN_OR_RETURN(event.vendor_event_name, vendor->AsString());
    if (event.vendor_event_name.empty()) {
      return vendor->Error("is empty; leave it out, or name the event");
    }
  }
  if (std::optional<ConfigNode> mappings = node.Find("mappings")) {
    ASSIGN_OR_RETURN(event.mappings, ReadFieldMappings(*mappings));
  }
  const auto mapped = Find(event.mappings, kEventNameTarget);
  if (mapped != event.mappings.end() && !event.vendor_event_name.empty()) {
    return mapped->origin.Error(
        "names the event, and so does \"vendor_event_name\"; leave out either");
  }
  return event;
}

absl::StatusOr<EventMapping> ReadDefaults(const ConfigNode& node) {
  RETURN_IF_ERROR(node.ExpectKeys(kDefaultsKeys));
  EventMapping defaults{.origin = node};
  if (std::optional<ConfigNode> action = node.Find("action")) {
    ASSIGN_OR_RETURN(std::string word, action->AsString());
    if (word != "drop" && word != "send") {
      return action->UnknownWord("action", word, {"drop", "send"});
    }
    defaults.enabled = word == "send";
  }
  if (std::optional<ConfigNode> mappings = node.Find("mappings")) {
    ASSIGN_OR_RETURN(defaults.mappings, ReadFieldMappings(*mappings));
  }
  return defaults;
}

// Fixed values at the root of every batch.
absl::Status AddDataPlan(const ConfigNode& node, MappingConfig& config) {
  RETURN_IF_ERROR(node.ExpectKeys(kDataPlanKeys));
  for (const FieldMapping& mapping : config.global) {
    if (!absl::StartsWith(mapping.target, kDataPlanTarget)) continue;
    return mapping.origin.Error("data_plan says it already; leave out either");
  }
  ASSIGN_OR_RETURN(ConfigNode id, node.Require("plan_id"));
  FieldMapping plan_id{.origin = id};
  plan_id.target = absl::StrCat(kDataPlanTarget, "plan_id");
  ASSIGN_OR_RETURN(plan_id.value, id.AsString());
  config.global.push_back(std::move(plan_id));
  if (std::optional<ConfigNode> version = node.Find("plan_version")) {
    FieldMapping plan_version{.origin = *version};
    plan_version.target = absl::StrCat(kDataPlanTarget, "plan_version");
    ASSIGN_OR_RETURN(const int number, version->AsInt(1, kMaxPlanVersion));
    plan_version.value = static_cast<double>(number);
    config.global.push_back(std::move(plan_version));
  }
  return absl::OkStatus();
}

// What `file` says itself.
absl::StatusOr<MappingConfig> ReadOwn(const ConfigNode& file) {
  MappingConfig config;
  if (std::optional<ConfigNode> dropped = file.Find("drop_properties")) {
    ASSIGN_OR_RETURN(std::vector<ConfigNode> items, dropped->Items());
    for (const ConfigNode& item : items) {
      ASSIGN_OR_RETURN(std::string path, item.AsString());
      config.dropped_properties.push_back({item, std::move(path)});
    }
  }
  if (std::optional<ConfigNode> global = file.Find("global")) {
    RETURN_IF_ERROR(global->ExpectKeys(kGlobalKeys));
    ASSIGN_OR_RETURN(ConfigNode mappings, global->Require("mappings"));
    ASSIGN_OR_RETURN(config.global, ReadFieldMappings(mappings));
    if (config.global.size() > kMaxGlobalMappings) {
      return mappings.Error(
          absl::StrCat("more than ", kMaxGlobalMappings, " global mappings"));
    }
  }
  if (std::optional<ConfigNode> data_plan = file.Find("data_plan")) {
    RETURN_IF_ERROR(AddDataPlan(*data_plan, config));
  }
  if (std::optional<ConfigNode> defaults = file.Find("defaults")) {
    ASSIGN_OR_RETURN(config.defaults, ReadDefaults(*defaults));
  }
  if (std::optional<ConfigNode> events = file.Find("events")) {
    ASSIGN_OR_RETURN(auto entries, events->Entries());
    if (entries.size() > kMaxEvents) {
      return events->Error(absl::StrCat("more than ", kMaxEvents,
                                        " events, the most different "
                                        "names that a workspace takes"));
    }
    for (auto& [name, node] : entries) {
      ASSIGN_OR_RETURN(EventMapping event, ReadEventMapping(name, node));
      config.events.push_back(std::move(event));
    }
  }
  return config;
}

absl::Status NothingToRemove(const FieldMapping& removal,
                             const Mappings& inherited) {
  std::vector<std::string> targets;
  for (const FieldMapping& mapping : inherited) {
    targets.push_back(mapping.target);
  }
  return removal.origin.UnknownWord("mapping to remove:", removal.target,
                                    targets);
}

// `global` is empty where `base` itself is global.
absl::Status Overlay(const Mappings& changes, Mappings global, Mappings& base) {
  for (const FieldMapping& change : changes) {
    const auto same = Find(base, change.target);
    if (!change.remove) {
      if (same == base.end()) {
        base.push_back(change);
      } else {
        *same = change;
      }
      continue;
    }
    const bool is_global = Find(global, change.target) != global.end();
    if (same == base.end() && !is_global) {
      global.insert(global.end(), base.begin(), base.end());
      return NothingToRemove(change, global);
    }
    if (same != base.end()) base.erase(same);
    if (is_global) base.push_back(change);
  }
  return absl::OkStatus();
}

// The mParticle event that fixed mappings make of an event; "" where they say
// nothing of it.
std::string EventTypeOf(const EventMapping& event) {
  for (const FieldMapping& mapping : event.mappings) {
    if (mapping.target != kEventTypeTarget || !mapping.value) continue;
    const auto* text = std::get_if<std::string>(&*mapping.value);
    if (text != nullptr) return *text;
  }
  return "";
}

absl::Status Overlay(const EventMapping& change, const Mappings& global,
                     EventMapping& base) {
  const std::string event_type = EventTypeOf(change);
  if (!event_type.empty() && event_type != EventTypeOf(base)) {
    base.vendor_event_name.clear();
    base.mappings.clear();
  }
  // The later of the two ways to name the event counts.
  if (Find(change.mappings, kEventNameTarget) != change.mappings.end()) {
    base.vendor_event_name.clear();
  }
  if (!change.vendor_event_name.empty()) {
    const auto name = Find(base.mappings, kEventNameTarget);
    if (name != base.mappings.end()) base.mappings.erase(name);
  }
  base.origin = change.origin;
  if (change.enabled.has_value()) base.enabled = change.enabled;
  if (!change.vendor_event_name.empty()) {
    base.vendor_event_name = change.vendor_event_name;
  }
  return Overlay(change.mappings, global, base.mappings);
}

absl::Status Overlay(const MappingConfig& changes, MappingConfig& base) {
  base.dropped_properties.insert(base.dropped_properties.end(),
                                 changes.dropped_properties.begin(),
                                 changes.dropped_properties.end());
  RETURN_IF_ERROR(Overlay(changes.global, {}, base.global));
  if (changes.defaults.has_value()) {
    if (!base.defaults) {
      base.defaults = EventMapping{.origin = changes.defaults->origin};
    }
    RETURN_IF_ERROR(Overlay(*changes.defaults, base.global, *base.defaults));
  }
  for (const EventMapping& change : changes.events) {
    auto same = std::find_if(
        base.events.begin(), base.events.end(),
        [&](const EventMapping& e) { return e.name == change.name; });
    if (same == base.events.end()) {
      same = base.events.insert(
          same, EventMapping{.origin = change.origin, .name = change.name});
    }
    RETURN_IF_ERROR(Overlay(change, base.global, *same));
  }
  return absl::OkStatus();
}

absl::StatusOr<MappingConfig> LoadOnTopOf(absl::string_view default_preset,
                                          const ConfigNode& file) {
  std::string preset(default_preset);
  const std::optional<ConfigNode> node = file.Find("preset");
  if (node.has_value()) {
    ASSIGN_OR_RETURN(preset, node->AsString());
  }
  ASSIGN_OR_RETURN(const MappingConfig own, ReadOwn(file));
  MappingConfig config;
  if (preset != kNoPreset) {
    absl::StatusOr<MappingConfig> base = LoadPreset(preset);
    if (!base.ok() && node.has_value()) {
      return node->Error(base.status().message());
    }
    RETURN_IF_ERROR(base.status());
    config = *std::move(base);
  }
  RETURN_IF_ERROR(Overlay(own, config));
  return config;
}

}  // namespace

absl::Span<const ConfigKey> DataPlanKeys() { return kDataPlanKeys; }
absl::Span<const ConfigKey> GlobalKeys() { return kGlobalKeys; }
absl::Span<const ConfigKey> DefaultsKeys() { return kDefaultsKeys; }
absl::Span<const ConfigKey> EventKeys() { return kEventKeys; }

absl::Status CheckVersion(const ConfigNode& file) {
  ASSIGN_OR_RETURN(ConfigNode version, file.Require("version"));
  if (absl::StatusOr<int> number = version.AsInt(2, 2); !number.ok()) {
    return version.Error("this service reads version 2 only; write version: 2");
  }
  return absl::OkStatus();
}

absl::StatusOr<MappingConfig> LoadMappings(const ConfigNode& file) {
  ASSIGN_OR_RETURN(MappingConfig config, LoadOnTopOf(kDefaultPreset, file));
  if (!config.defaults || config.defaults->enabled.value_or(false)) {
    return config;
  }
  if (std::optional<ConfigNode> defaults = file.Find("defaults")) {
    if (std::optional<ConfigNode> mappings = defaults->Find("mappings")) {
      ASSIGN_OR_RETURN(std::vector<ConfigNode> items, mappings->Items());
      if (items.empty()) return config;
      return mappings->Error(
          "would never be used: events that `events` does not name are "
          "dropped; remove them, or write action: send");
    }
  }
  return config;
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) names.emplace_back(preset.name);
  return names;
}

absl::StatusOr<MappingConfig> LoadPreset(absl::string_view name) {
  for (const Preset& preset : Presets()) {
    if (preset.name != name) continue;
    ASSIGN_OR_RETURN(
        ConfigNode file,
        ConfigNode::Parse(preset.yaml, absl::StrCat(kPresetFilePrefix, name)));
    RETURN_IF_ERROR(
        file.ExpectKeys({"version", "preset", "global", "defaults", "events"}));
    RETURN_IF_ERROR(CheckVersion(file));
    return LoadOnTopOf(kNoPreset, file);
  }
  return absl::NotFoundError(
      absl::StrCat("there is no preset \"", name,
                   "\"; there is: ", absl::StrJoin(PresetNames(), ", ")));
}

}  // namespace signal_delivery::mapping
