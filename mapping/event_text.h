#ifndef MAPPING_EVENT_TEXT_H_
#define MAPPING_EVENT_TEXT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "mapping/event_fields.h"

namespace signal_delivery::mapping {

// Reads one text of a Signal event, without reflection; nothing where the event
// does not have it.
using EventText = std::optional<absl::string_view> (*)(const EventFields&);

// What reads the text at a path in the names of event.proto, such as
// "context.page.title"; nullptr where there is none.
EventText FindEventText(absl::string_view path);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_TEXT_H_
