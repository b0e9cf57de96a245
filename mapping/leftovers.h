#ifndef MAPPING_LEFTOVERS_H_
#define MAPPING_LEFTOVERS_H_

#include "absl/container/inlined_vector.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "mapping/findings.h"

namespace signal_delivery::mapping {

// The nodes of `properties` that a mapping has taken.
using TakenNodes = absl::InlinedVector<const google::protobuf::Value*, 24>;

// Writes what no mapping took of `object` into the `custom_attributes` of
// `holder`, a message of the batch schema: nested objects under dotted names,
// lists as JSON text, null not at all. A name that is taken already, a number
// that JSON has no word for, and anything at all where `holder` has no
// `custom_attributes`, are left out with a warning. `place` is where `object`
// and `holder` are.
void WriteLeftovers(const google::protobuf::Struct& object,
                    const TakenNodes& taken, const Place& place,
                    google::protobuf::Message& holder, Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_LEFTOVERS_H_
