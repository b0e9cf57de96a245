#ifndef TOOLS_SANDBOX_EVENT_RULES_H_
#define TOOLS_SANDBOX_EVENT_RULES_H_

#include "tools/sandbox/rule.h"

namespace signal_delivery::sandbox {

// One entry of `events`: an event_type, and the data that goes with that type.
Rule EventRule();

// A place on earth; the batch's context has one too.
Rule GeoLocationRule();

// The kinds of identity a user may have, as the batch spells them.
std::vector<std::string> IdentityKinds();

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_EVENT_RULES_H_
