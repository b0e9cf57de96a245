#ifndef MAPPING_STRUCT_TEXT_H_
#define MAPPING_STRUCT_TEXT_H_

#include <string>

#include "mapping/node.h"
#include "mapping/taken_nodes.h"

namespace signal_delivery::mapping {

// `list` as JSON text, without white space; the members of objects in the order
// of their names, so that the same list always gives the same text. What JSON
// has no word for (NaN, infinities) is written as null. Members of objects
// that are among `without` are not written.
std::string ListAsText(const ListView& list,
                       const TakenNodes* without = nullptr);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_STRUCT_TEXT_H_
