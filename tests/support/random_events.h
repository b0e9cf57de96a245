#ifndef TESTS_SUPPORT_RANDOM_EVENTS_H_
#define TESTS_SUPPORT_RANDOM_EVENTS_H_

#include <string>
#include <vector>

#include "datafly/signal/v1/event.pb.h"
#include "tests/support/random_choices.h"

namespace signal_delivery::support {

// Categories of consent that random events know of.
const std::vector<std::string>& ConsentCategories();

// The events of one request, 1 to `most`: of a few users, of all types. Tracks
// are named from `names` mostly. Most are valid; all could come over the wire.
std::vector<datafly::signal::v1::Event> RandomEvents(
    RandomChoices& choices, const std::vector<std::string>& names, size_t most);

// Whether the event's own time, or one that it holds, is outside the years 2000
// to 2099, which the sandbox takes for a mistake.
bool HasOddTime(const datafly::signal::v1::Event& event);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RANDOM_EVENTS_H_
