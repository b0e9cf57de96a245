#ifndef TESTS_SUPPORT_TYPED_PROPERTIES_H_
#define TESTS_SUPPORT_TYPED_PROPERTIES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/mapper.h"

namespace signal_delivery::support {

// The same event with each of its properties in `ecommerce` that has a field
// there which can hold it.
datafly::signal::v1::Event WithEcommerce(
    const datafly::signal::v1::Event& event);

// Maps and explains the events as they are, WithEcommerce, and as they are read
// from the wire. Says what is not the same: bytes, ids, fates, findings,
// origins. Empty where all is. (Where an event is too large it may be smaller
// by type; that is not compared.)
std::string DifferenceByForm(
    const mapping::Mapper& mapper,
    const std::vector<datafly::signal::v1::Event>& events, absl::Time now);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_TYPED_PROPERTIES_H_
