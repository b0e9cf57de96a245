#ifndef MAPPING_FIELD_MAPPING_H_
#define MAPPING_FIELD_MAPPING_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "mapping/config_node.h"

namespace signal_delivery::mapping {

// One step of a mapping's `transform`: its name, and what it needs to know.
struct TransformStep {
  ConfigNode origin;
  std::string name;
  std::optional<Scalar> argument;
  // Where the argument stands; where the step does if there is none.
  ConfigNode argument_origin;
};

// One line of `mappings`: take a value from here, put it there. Paths are text
// still; Plan::Compile gives them their meaning.
//
//   source -> transform -> value_map -> default -> target
struct FieldMapping {
  // Where it stands, for errors about its meaning.
  ConfigNode origin;
  // Paths into the Signal event (inside `each`: into the list's element). The
  // first that has a value is taken. Empty where `value` is set.
  std::vector<std::string> sources;
  // Path into the mParticle batch (inside `each`: into the element).
  std::string target;
  // A fixed value instead of a source.
  std::optional<Scalar> value;
  // What to do with the value, one after the other.
  std::vector<TransformStep> transform;
  // What to write instead of the value, by the value's text; nothing: the value
  // counts as absent. "*" stands for every value that is not named.
  std::vector<std::pair<std::string, std::optional<Scalar>>> value_map;
  // What to write where there is no value.
  std::optional<Scalar> default_value;
  // The inherited mapping to this target is taken away; nothing else is set.
  bool remove = false;
  // For lists of objects: how each element is mapped.
  std::vector<FieldMapping> each;
};

// The keys of one line of `mappings`.
absl::Span<const ConfigKey> FieldMappingKeys();

// Reads a list of them: at most one for each target.
absl::StatusOr<std::vector<FieldMapping>> ReadFieldMappings(
    const ConfigNode& list);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FIELD_MAPPING_H_
