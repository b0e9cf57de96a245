#ifndef TESTS_SUPPORT_MAPPING_RULES_H_
#define TESTS_SUPPORT_MAPPING_RULES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/mapper.h"

namespace signal_delivery::support {

// Maps a request, and appends to `broken`, line by line, what does not hold of
// the following, which must hold whatever the request and the configuration:
//
// - Each event has one fate. It is in exactly one batch if it is batched, in
//   none if not. An identify was carried if a batch says so.
// - A batch is strict JSON of at most 128,000 bytes, has the events that it
//   says it has, and keeps mParticle's rules as the sandbox knows them.
// - A user's events keep their order, and share a lane.
// - Findings hold no personal data (kPersonal).
// - Mapped again, and explained, the same events make the same bytes.
// - A batch's events and identifies alone make the same batch again. One of its
//   events, alone with the identifies before it, says the same about its user
//   and itself as in the batch.
mapping::MappedEvents MapAndCheck(
    const mapping::Mapper& mapper,
    const std::vector<datafly::signal::v1::Event>& events, absl::Time now,
    std::vector<std::string>& broken);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_MAPPING_RULES_H_
