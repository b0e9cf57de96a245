#ifndef MAPPING_MAPPING_CONFIG_H_
#define MAPPING_MAPPING_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/config_node.h"
#include "mapping/field_mapping.h"

namespace signal_delivery::mapping {

// What becomes of the events of one name.
struct EventMapping {
  ConfigNode origin;
  // A track's name; "page", "group" for the events of these types.
  std::string name;
  // Not said: true.
  std::optional<bool> enabled;
  // mParticle's event_name; "" where it is not said.
  std::string vendor_event_name;
  // With the mappings to remove that stand for global ones.
  std::vector<FieldMapping> mappings;
};

// The part of Signal's version-2 configuration that says what becomes of
// events: `global`, `defaults` and `events`.
struct MappingConfig {
  // A property that no mapping takes becomes a custom attribute; not these.
  struct DroppedProperty {
    ConfigNode origin;
    // Below `properties`: "email", "address.street".
    std::string path;
  };

  std::vector<DroppedProperty> dropped_properties;
  std::vector<FieldMapping> global;
  // What becomes of an event that `events` does not name: `enabled` is `action:
  // send`. Nothing: it is dropped.
  std::optional<EventMapping> defaults;
  std::vector<EventMapping> events;
};

// The keys of `data_plan`, of `global`, of `defaults` and of one of `events`.
absl::Span<const ConfigKey> DataPlanKeys();
absl::Span<const ConfigKey> GlobalKeys();
absl::Span<const ConfigKey> DefaultsKeys();
absl::Span<const ConfigKey> EventKeys();

// The `version: 2` line that each file in this format must have.
absl::Status CheckVersion(const ConfigNode& file);

// What `file` says about events: its `drop_properties`, `global` (with the data
// plan that `data_plan` names), `defaults` and `events` on top of the preset
// that its `preset` names. Without one it is "default"; "none" starts from
// nothing. Its other keys are the caller's business.
//
// A mapping replaces the one of the same target; an event of the same name gets
// the mappings on top of those it has. But one that becomes another mParticle
// event (another `event_type`) starts afresh: what it inherits does not fit.
absl::StatusOr<MappingConfig> LoadMappings(const ConfigNode& file);

// The preset below a file that names none.
inline constexpr absl::string_view kDefaultPreset = "default";

// What stands before a preset's name where its origins name a file.
inline constexpr absl::string_view kPresetFilePrefix = "preset:";

// The names of the presets that are built in (see presets/).
std::vector<std::string> PresetNames();
// One of them. The error lists the names there are.
absl::StatusOr<MappingConfig> LoadPreset(absl::string_view name);

// The target whose fixed value says which mParticle event an event becomes.
inline constexpr absl::string_view kEventTypeTarget = "event_type";
// The target that `vendor_event_name` is short for.
inline constexpr absl::string_view kEventNameTarget = "data.event_name";

}  // namespace signal_delivery::mapping

#endif  // MAPPING_MAPPING_CONFIG_H_
