#ifndef MAPPING_EVENT_KIND_H_
#define MAPPING_EVENT_KIND_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "mapping/mapping_config.h"

// How a configuration speaks of mParticle's events and of the batch that they
// are in.
namespace signal_delivery::mapping {

// The events there are: custom_event, commerce_event, ...
const google::protobuf::OneofDescriptor& EventData();

// "data.", the start of the targets that are in the event.
const std::string& EventPrefix();

// Which one the mapping to `event_type` makes of `event`.
absl::StatusOr<const google::protobuf::FieldDescriptor*> KindOfEvent(
    const EventMapping& event);

// Whether the service itself fills the target.
bool IsReservedTarget(absl::string_view target);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_KIND_H_
