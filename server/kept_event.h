#ifndef SERVER_KEPT_EVENT_H_
#define SERVER_KEPT_EVENT_H_

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/delivery/v1/event_debugger.pb.h"

namespace signal_delivery::server {

// What filters look at of an event. Borrows the texts.
struct EventMarks {
  absl::string_view integration_id;
  absl::string_view message_id;
  absl::string_view event_name;
  datafly::delivery::v1::Outcome outcome = {};
  datafly::delivery::v1::Reason reason = {};
};

// An event as the event debugger keeps it: serialized, in one allocation of
// that size. As a message it would take twice the memory in a dozen pieces, for
// as long as it is kept; and hardly any is ever looked at.
//
// A value that never changes. Its copies share the bytes.
class KeptEvent {
 public:
  explicit KeptEvent(const datafly::delivery::v1::DebuggedEvent& event);

  // As serialized.
  size_t size() const { return size_; }
  datafly::delivery::v1::DebuggedEvent Read() const;
  // Known without reading. Its texts live as long as a copy of this.
  const EventMarks& marks() const { return marks_; }

 private:
  std::shared_ptr<const char[]> bytes_;
  size_t size_;
  EventMarks marks_;  // of bytes_
};

}  // namespace signal_delivery::server

#endif  // SERVER_KEPT_EVENT_H_
