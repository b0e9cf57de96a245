#ifndef MAPPING_EVENT_CHECK_H_
#define MAPPING_EVENT_CHECK_H_

#include "mapping/findings.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {

// Checks what Signal itself demands of an event, whatever it is mapped to: a
// type, a track's name, a user, a time that exists, and a way to tell the event
// from others. What is wrong goes to `findings`, and which of its properties
// are hidden.
void CheckEvent(const SourceEvent& source, Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_CHECK_H_
