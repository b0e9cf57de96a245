#ifndef TESTS_SUPPORT_MAPPING_RULES_H_
#define TESTS_SUPPORT_MAPPING_RULES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/mapper.h"

namespace signal_delivery::support {

// What must hold whatever a request and a configuration say; what does not hold
// for `mapped`, line by line:
//
// - Each event has one fate. It is in exactly one batch if it is batched, in
//   none if not. An identify was carried if a batch says so.
// - A batch is strict JSON of at most 128,000 bytes, has the events that it
//   says it has, and keeps mParticle's rules as the sandbox knows them.
// - A user's events keep their order, and share a lane.
// - Findings hold no personal data (kPersonal).
std::vector<std::string> BrokenRules(
    const std::vector<datafly::signal::v1::Event>& events,
    const mapping::MappedEvents& mapped);

// Maps the events, and once more, explaining, copies of them, whose maps have
// another order: `*same` says whether the two are equal in every byte.
mapping::MappedEvents MapTwice(
    const mapping::Mapper& mapper,
    const std::vector<datafly::signal::v1::Event>& events, absl::Time now,
    bool* same);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_MAPPING_RULES_H_
