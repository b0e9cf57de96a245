#ifndef MAPPING_FINDINGS_H_
#define MAPPING_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "mapping/rule.h"

namespace signal_delivery::mapping {

// One thing that is noteworthy about one field. Never holds a value: those are
// personal data.
struct Finding {
  // The rule that the field breaks.
  Rule rule;
  // Where in the Signal event, for example "properties.products[0].price".
  std::string signal_path;
  // Where in the batch; empty where it has no place there.
  std::string mparticle_path;
  // What is the matter, and what was done about it.
  std::string description;
};

// Where one field of a batch comes from, or why one of the Signal event is not
// in the batch.
struct FieldOrigin {
  // Empty for a fixed value and what the service writes itself.
  std::string signal_path;
  // Empty where the field has no place in the batch.
  std::string mparticle_path;
  // The mapping, as "file:line:column", or the rule that made it so.
  std::string made_by;
  // What was done with the value.
  std::string description;
  // The field is not in the batch.
  bool left_out = false;
};

// FieldOrigin::made_by of what neither a mapping nor a rule made.
inline constexpr char kMadeByService[] = "the service";

// What mapping found out about one event.
struct Findings {
  // Why the event cannot be sent. Empty: it can.
  std::vector<Finding> violations;
  // What was left out or changed so that it can be sent.
  std::vector<Finding> warnings;
  // Where each field comes from; not noted where it is null, because nobody
  // asked.
  std::vector<FieldOrigin>* origins = nullptr;
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
void Warn(Rule rule, const Place* place, absl::string_view source,
          absl::string_view target, std::string description,
          Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FINDINGS_H_
