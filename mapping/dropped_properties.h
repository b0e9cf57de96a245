#ifndef MAPPING_DROPPED_PROPERTIES_H_
#define MAPPING_DROPPED_PROPERTIES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "mapping/findings.h"
#include "mapping/leftovers.h"
#include "mapping/mapping_config.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// The properties that never become custom attributes. A step of a path that
// leads to a list goes on in each of its elements: "products.name" is the name
// of every product, whether the list is mapped or written as text. What a
// mapping does with a property is none of its business. Immutable, thread-safe.
class DroppedProperties {
 public:
  DroppedProperties() = default;

  // The error says where in the file what is wrong.
  static absl::StatusOr<DroppedProperties> Compile(
      const std::vector<MappingConfig::DroppedProperty>& paths);

  // Appends to `taken` what of an event's properties is dropped: before
  // anything is mapped, as the elements of lists are written with what is left
  // over of them.
  void Take(const ObjectView& properties, TakenNodes& taken) const;

  // Notes among the origins what was dropped, and is not in `taken` a second
  // time because a mapping took it.
  void Note(const ObjectView& properties, const TakenNodes& taken,
            Findings& findings) const;

 private:
  std::vector<std::vector<MemberName>> paths_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_DROPPED_PROPERTIES_H_
