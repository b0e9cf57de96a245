#ifndef MAPPING_LEFTOVERS_H_
#define MAPPING_LEFTOVERS_H_

#include "google/protobuf/descriptor.h"
#include "mapping/draft.h"
#include "mapping/findings.h"
#include "mapping/node.h"
#include "mapping/taken_nodes.h"
#include "mapping/value_rules.h"

namespace signal_delivery::mapping {

// Where a message of the batch schema takes attributes that no mapping names:
// its `custom_attributes`, looked up once. Immutable, thread-safe.
class LeftoverTarget {
 public:
  explicit LeftoverTarget(const google::protobuf::Descriptor& holder);

  // Writes what no mapping took of `object` into `holder`: nested objects under
  // dotted names, lists as JSON text, null not at all. A name that is taken or
  // too long, more attributes than mParticle takes, a number that JSON has no
  // word for, and anything at all where `holder` has no `custom_attributes`,
  // are left out with a warning. `place` is where `object` and `holder` are.
  void Write(const ObjectView& object, const TakenNodes& taken,
             const Place& place, Draft& holder, Findings& findings) const;

 private:
  friend class LeftoverWriter;

  // The same where all that is left over goes as it stands, which is usual, and
  // nobody asks what became of it. False where it does not: nothing is written.
  bool WriteAsItStands(const ObjectView& object, const TakenNodes& taken,
                       Draft& holder) const;

  // nullptr: it has none.
  const google::protobuf::FieldDescriptor* map_;
  // The value of its entries.
  const google::protobuf::FieldDescriptor* value_field_ = nullptr;
  CollectionRules map_rules_;
  ValueRules value_rules_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_LEFTOVERS_H_
