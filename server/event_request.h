#ifndef SERVER_EVENT_REQUEST_H_
#define SERVER_EVENT_REQUEST_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/arena.h"
#include "grpcpp/support/byte_buffer.h"
#include "mapping/source_event.h"

namespace signal_delivery::server {

// The most events of one request. Twenty times what Signal's own door takes,
// so that a worker may hand on what it gathered.
inline constexpr size_t kMaxEventsPerRequest = 10'000;

// What a request says without reading its events: cheap, however many there
// are.
struct RequestOutline {
  std::string integration_id;
  size_t events = 0;

  friend bool operator==(const RequestOutline&,
                         const RequestOutline&) = default;
};
// INVALID_ARGUMENT as below.
absl::StatusOr<RequestOutline> ReadOutline(const grpc::ByteBuffer& wire);

// A request as it came over the wire: DeliverEventsRequest, or
// PreviewEventsRequest, which has the same fields.
//
// Protocol Buffers refuse a whole request for one text that is not UTF-8. Here
// only the event that holds it is refused, and the good ones of the same
// request are delivered. Immutable once read.
class EventRequest {
 public:
  // INVALID_ARGUMENT: not a request, no events or too many.
  // The error's payload says which field (see status.h).
  static absl::StatusOr<std::unique_ptr<EventRequest>> Read(
      const grpc::ByteBuffer& wire);

  int size() const { return static_cast<int>(events_.size()); }
  const mapping::EventFields& event(int index) const {
    return events_[index].fields;
  }
  // As mapping takes them. One that cannot be read is an empty one, so that
  // indexes are the request's everywhere: mapping rejects it.
  std::vector<const mapping::SourceEvent*> sources() const;

  // An event that cannot be read, and why.
  struct Unreadable {
    int index;
    // The field that is not UTF-8; empty where the event is not protobuf.
    std::string field;
  };
  // In the order of their indexes.
  const std::vector<Unreadable>& unreadable() const { return unreadable_; }

 private:
  explicit EventRequest(const grpc::ByteBuffer& wire);

  void ReadAll(const std::vector<absl::string_view>& events);

  grpc::ByteBuffer wire_;  // which the events borrow from
  google::protobuf::Arena arena_;
  std::vector<mapping::SourceEvent> events_;
  std::vector<Unreadable> unreadable_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_EVENT_REQUEST_H_
