#ifndef MAPPING_EVENT_TEXT_H_
#define MAPPING_EVENT_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::mapping {

// Reads one text of a Signal event, without reflection; nullptr where the event
// does not have it.
using EventText = const std::string* (*)(const datafly::signal::v1::Event&);

// What reads the text at a path in the names of event.proto, such as
// "context.page.title"; nullptr where there is none.
EventText FindEventText(absl::string_view path);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_TEXT_H_
