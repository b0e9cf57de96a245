#ifndef SERVER_EVENT_REQUEST_H_
#define SERVER_EVENT_REQUEST_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/protobuf/arena.h"
#include "grpcpp/support/byte_buffer.h"

namespace signal_delivery::server {

// The most events of one request. Twenty times what Signal's own door takes,
// so that a worker may hand on what it gathered.
inline constexpr int kMaxEventsPerRequest = 10'000;

// What a request says without reading its events: cheap, however many there
// are.
struct RequestOutline {
  std::string integration_id;
  size_t events = 0;
  // What the largest of them has on the wire.
  size_t largest_event_bytes = 0;

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

  const std::string& integration_id() const {
    return message_->integration_id();
  }
  int size() const { return message_->events_size(); }
  const datafly::signal::v1::Event& event(int index) const {
    return message_->events(index);
  }

  // An event that cannot be read, and why.
  struct Unreadable {
    int index;
    // The field that is not UTF-8; empty where the event is not protobuf.
    std::string field;
  };
  // In the order of their indexes. Their event() is empty.
  const std::vector<Unreadable>& unreadable() const { return unreadable_; }

 private:
  // `wire_size` is the size of what is to be read.
  explicit EventRequest(size_t wire_size);

  // Reads event by event what cannot be read as a whole.
  bool Salvage(const std::string& wire);

  google::protobuf::Arena arena_;
  datafly::delivery::v1::DeliverEventsRequest* message_;
  std::vector<Unreadable> unreadable_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_EVENT_REQUEST_H_
