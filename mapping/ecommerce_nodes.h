#ifndef MAPPING_ECOMMERCE_NODES_H_
#define MAPPING_ECOMMERCE_NODES_H_

#include <string>
#include <vector>

#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/descriptor.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// The properties of an event that come by type, together with those that stand
// beside them: a field that is set hides the property that has its name, and a
// list without elements is not set. The same goes for what is in it. Appends to
// `hidden` the path of each that is hidden, unless it is null.
//
// The nodes borrow from all of these but `hidden`.
ObjectView NodesOf(const datafly::signal::v1::Ecommerce& ecommerce,
                   const ObjectView& properties, google::protobuf::Arena& arena,
                   std::vector<std::string>& hidden);

// True for the field `ecommerce` of an event.
bool IsReadAsProperties(const google::protobuf::FieldDescriptor& field);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_ECOMMERCE_NODES_H_
