#ifndef MAPPING_EVENT_PROPERTIES_H_
#define MAPPING_EVENT_PROPERTIES_H_

#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/descriptor.h"
#include "mapping/findings.h"
#include "mapping/node.h"

// An event's properties: what `ecommerce` says and what `properties` does.
namespace signal_delivery::mapping {

// Does not exist where the event has neither.
ObjectView PropertiesOf(const datafly::signal::v1::Event& event);

// True for the field `ecommerce` of an event.
bool IsReadAsProperties(const google::protobuf::FieldDescriptor& field);

// The same event with all of its properties in `properties`. For what is rare:
// this makes a copy.
datafly::signal::v1::Event WithoutEcommerce(
    const datafly::signal::v1::Event& event);

// Warns of each property that is hidden because a field has its name.
void WarnOfHiddenProperties(const datafly::signal::v1::Event& event,
                            Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_PROPERTIES_H_
