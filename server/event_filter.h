#ifndef SERVER_EVENT_FILTER_H_
#define SERVER_EVENT_FILTER_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "datafly/delivery/v1/event_debugger.pb.h"
#include "server/kept_event.h"

namespace signal_delivery::server {

// Which events somebody who watches wants, and may see. A plain value.
struct EventFilter {
  // Its fields up to event_name.
  datafly::delivery::v1::TailEventsRequest wanted;
  // The integrations that the caller may use. Absent: all.
  std::optional<absl::flat_hash_set<std::string>> allowed;

  bool Matches(const EventMarks& event) const;
  // Whether any event of the integration may match.
  bool MayMatch(absl::string_view integration_id) const;
};

}  // namespace signal_delivery::server

#endif  // SERVER_EVENT_FILTER_H_
