#ifndef MAPPING_UNMAPPED_H_
#define MAPPING_UNMAPPED_H_

#include "google/protobuf/struct.pb.h"
#include "mapping/findings.h"
#include "mapping/leftovers.h"
#include "mapping/source_path.h"

namespace signal_delivery::mapping {

// Notes among the origins each trait and each field of the event that is in no
// origin and no warning so far: nothing of an event may vanish without a word.
// Not the type and the name of a track, which chose the mapping, and not the
// properties, of which LeftoverTarget does the same. Only where somebody asked
// for origins.
void NoteUnmapped(const EventView& view, const TakenNodes& taken,
                  Findings& findings);

// The same for the properties of an event that has no place for them.
void NoteUnmappedProperties(const EventView& view, const TakenNodes& taken,
                            Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_UNMAPPED_H_
