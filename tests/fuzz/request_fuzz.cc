// Any bytes as a request of DeliverEvents or DeliverStream: they are read alike
// in one piece and in many, and where Protocol Buffers can read them the result
// is theirs.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/byte_buffer.h"
#include "mapping/source_event.h"
#include "server/event_request.h"
#include "server/stream_messages.h"
#include "tests/fuzz/require.h"
#include "tests/support/byte_pieces.h"

namespace signal_delivery::fuzz {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverStreamRequest;
using ::datafly::signal::v1::Event;
using ::google::protobuf::internal::WireFormatLite;
using ::signal_delivery::mapping::SourceEvent;
using ::signal_delivery::mapping::SourceEventOf;
using ::signal_delivery::mapping::WholeMessage;
using ::signal_delivery::server::EventRequest;
using ::signal_delivery::server::kMaxEventsPerRequest;
using ::signal_delivery::server::ReadOutline;
using ::signal_delivery::server::ReadStreamFields;
using ::signal_delivery::server::RequestOutline;
using ::signal_delivery::server::StreamFields;
using ::signal_delivery::support::InPieces;

// How long a piece is follows from the input's size.
constexpr size_t kMostBytesAPiece = 37;

// Equal for equal events, whatever the order of their maps.
std::string BytesOf(const SourceEvent& source) {
  const Event event = WholeMessage(source);
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream output(&stream);
  output.SetSerializationDeterministic(true);
  event.SerializeToCodedStream(&output);
  output.Trim();
  return bytes;
}

// All that the service learns of a request.
struct Reading {
  absl::StatusOr<RequestOutline> outline;
  StreamFields stream;
  absl::StatusOr<std::unique_ptr<EventRequest>> request;
};

Reading Read(const grpc::ByteBuffer& wire) {
  return {ReadOutline(wire), ReadStreamFields(wire), EventRequest::Read(wire)};
}

void RequireSame(const Reading& a, const Reading& b) {
  Require(a.outline == b.outline, "another outline");
  Require(a.stream.request_id == b.stream.request_id, "another request_id");
  Require(a.stream.timeout == b.stream.timeout, "another timeout");
  Require(a.request.status() == b.request.status(), "another error");
  if (!a.request.ok()) return;
  const EventRequest& one = **a.request;
  const EventRequest& other = **b.request;
  Require(one.size() == other.size(), "another number of events");
  Require(one.unreadable().size() == other.unreadable().size(),
          "others are unreadable");
  for (int i = 0; i < one.size(); ++i) {
    Require(BytesOf(*one.sources()[i]) == BytesOf(*other.sources()[i]),
            "another event");
  }
}

void RequireEvents(const DeliverEventsRequest& expected,
                   const Reading& reading) {
  const bool has_right_count =
      expected.events_size() > 0 &&
      expected.events_size() <= static_cast<int>(kMaxEventsPerRequest);
  Require(reading.request.ok() == has_right_count,
          "refused, or taken, for another reason than the number of events");
  if (reading.outline.ok()) {
    Require(reading.outline->integration_id == expected.integration_id(),
            "the integration_id is not the one that was sent");
    Require(
        reading.outline->events == static_cast<size_t>(expected.events_size()),
        "another number of events");
  }
  if (!has_right_count) return;
  const EventRequest& request = **reading.request;
  Require(request.unreadable().empty(), "a good event is unreadable");
  Require(request.size() == expected.events_size(), "events are lost");
  for (int i = 0; i < request.size(); ++i) {
    google::protobuf::Arena arena;
    Require(BytesOf(*request.sources()[i]) ==
                BytesOf(SourceEventOf(expected.events(i), arena)),
            "an event is not the one that was sent");
  }
}

// The bytes of a request's events.
std::vector<std::string> EventsIn(const std::string& wire) {
  constexpr uint32_t kEventsTag = DeliverEventsRequest::kEventsFieldNumber
                                      << 3 |
                                  WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
  std::vector<std::string> events;
  google::protobuf::io::CodedInputStream input(
      reinterpret_cast<const uint8_t*>(wire.data()),
      static_cast<int>(wire.size()));
  while (const uint32_t tag = input.ReadTag()) {
    if (tag == kEventsTag) {
      WireFormatLite::ReadBytes(&input, &events.emplace_back());
    } else {
      WireFormatLite::SkipField(&input, tag);
    }
  }
  return events;
}

// The unreadable events are those that Protocol Buffers cannot read.
void RequireWhatCanBeRead(const std::string& wire,
                          const EventRequest& request) {
  const std::vector<std::string> events = EventsIn(wire);
  Require(request.size() == static_cast<int>(events.size()),
          "another number of events than on the wire");
  std::vector<int> expected;
  for (int i = 0; i < request.size(); ++i) {
    if (!Event().ParseFromString(events[i])) expected.push_back(i);
  }
  std::vector<int> unreadable;
  for (const EventRequest::Unreadable& event : request.unreadable()) {
    unreadable.push_back(event.index);
  }
  Require(unreadable == expected, "other events are unreadable");
}

void RequireStreamFields(const DeliverStreamRequest& expected,
                         const StreamFields& fields) {
  Require(fields.request_id == expected.request_id(),
          "the request_id is not the one that was sent");
  if (!fields.timeout.ok()) {
    Require(expected.has_timeout(), "a timeout that was not sent is wrong");
    return;
  }
  const absl::Duration timeout =
      expected.has_timeout() ? absl::Seconds(expected.timeout().seconds()) +
                                   absl::Nanoseconds(expected.timeout().nanos())
                             : absl::InfiniteDuration();
  Require(*fields.timeout == timeout,
          "the timeout is not the one that was sent");
  Require(timeout > absl::ZeroDuration(), "a timeout of no time");
}

void ReadBytes(absl::string_view bytes) {
  const Reading whole = Read(InPieces(bytes, bytes.size() + 1));
  RequireSame(whole,
              Read(InPieces(bytes, 1 + bytes.size() % kMostBytesAPiece)));
  const std::string wire(bytes);
  DeliverEventsRequest request;
  if (request.ParseFromString(wire)) RequireEvents(request, whole);
  if (whole.request.ok()) RequireWhatCanBeRead(wire, **whole.request);
  DeliverStreamRequest streamed;
  if (streamed.ParseFromString(wire)) {
    RequireStreamFields(streamed, whole.stream);
  }
}

}  // namespace
}  // namespace signal_delivery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  signal_delivery::fuzz::ReadBytes(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
