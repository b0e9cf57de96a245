#ifndef MAPPING_PRESETS_H_
#define MAPPING_PRESETS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {

// A configuration that is built into the binary: a file of presets/.
struct Preset {
  // The file's name without ".yaml".
  absl::string_view name;
  absl::string_view yaml;
};

absl::Span<const Preset> Presets();

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PRESETS_H_
