#ifndef MAPPING_MAPPING_CONFIG_H_
#define MAPPING_MAPPING_CONFIG_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "mapping/config_node.h"

namespace signal_delivery::mapping {

// One line of `mappings`: take a value from here, put it there. Paths are text
// still; Plan::Compile gives them their meaning.
struct FieldMapping {
  // Where it stands, for errors about its meaning.
  ConfigNode origin;
  // Paths into the Signal event (inside `each`: into the list's element). The
  // first that has a value is taken. Empty where `value` is set.
  std::vector<std::string> sources;
  // Path into the mParticle batch (inside `each`: into the element).
  std::string target;
  // A fixed value instead of a source.
  std::optional<std::variant<bool, double, std::string>> value;
  // What to do with the value before it is written; "" for nothing.
  std::string transform;
  // What the transform needs to know; "" for nothing.
  std::string format;
  // For lists of objects: how each element is mapped.
  std::vector<FieldMapping> each;
};

// What becomes of the events of one name.
struct EventMapping {
  ConfigNode origin;
  // A track's name; "page", "group" for the events of these types.
  std::string name;
  bool enabled = true;
  // mParticle's event_name; "" for event types that have none.
  std::string vendor_event_name;
  std::vector<FieldMapping> mappings;
};

// The part of Signal's version-2 configuration that says what becomes of
// events: `global`, `defaults` and `events`. Events that `events` does not name
// are dropped.
struct MappingConfig {
  std::vector<FieldMapping> global;
  std::vector<EventMapping> events;
};

// The `version: 2` line that each file in this format must have.
absl::Status CheckVersion(const ConfigNode& file);

// Reads `global`, `defaults` and `events` of `file`. Its other keys are the
// caller's business.
absl::StatusOr<MappingConfig> ReadMappingConfig(const ConfigNode& file);

// The preset of this name that is built in (see presets/). The error lists the
// names there are.
absl::StatusOr<MappingConfig> LoadPreset(absl::string_view name);

// `base` with `changes` on top. A mapping replaces the one of the same target;
// an event of the same name gets the mappings on top of those it has.
MappingConfig Overlay(MappingConfig base, const MappingConfig& changes);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_MAPPING_CONFIG_H_
