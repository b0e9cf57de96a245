#ifndef MAPPING_FINDINGS_H_
#define MAPPING_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// One thing that is noteworthy about one field. Never holds a value: those are
// personal data.
struct Finding {
  // Where in the Signal event, for example "properties.products[0].price".
  std::string signal_path;
  // Where in the batch; empty where it has no place there.
  std::string mparticle_path;
  // What is the matter, and what was done about it.
  std::string description;
};

// What mapping found out about one event.
struct Findings {
  // Why the event cannot be sent. Empty: it can.
  std::vector<Finding> violations;
  // What was left out or changed so that it can be sent.
  std::vector<Finding> warnings;
};

// The object that is being mapped, for the paths in findings; nullptr stands
// for the event and the batch themselves. Kept as pieces because nearly no
// event has a finding. Borrows all.
struct Place {
  const Place* parent = nullptr;
  absl::string_view source;
  absl::string_view target;
  // The index in a list; -1 where it is not one of a list.
  int source_index = -1;
  int target_index = -1;
};

std::string SignalPath(const Place* place, absl::string_view field);
std::string MparticlePath(const Place* place, absl::string_view field);

// Appends a warning about `source` and `target` at `place`.
void Warn(const Place* place, absl::string_view source,
          absl::string_view target, std::string description,
          Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FINDINGS_H_
