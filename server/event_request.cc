#include "server/event_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/impl/codegen/proto_buffer_reader.h"
#include "mapping/json_text.h"
#include "server/status.h"
#include "server/utf8.h"

namespace signal_delivery::server {
namespace {

// An integration is named like its file, and Linux's names have no more bytes
// (NAME_MAX).
constexpr size_t kMaxIntegrationIdBytes = 255;

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::google::protobuf::Arena;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

constexpr uint32_t kIntegrationIdTag = GOOGLE_PROTOBUF_WIRE_FORMAT_MAKE_TAG(
    DeliverEventsRequest::kIntegrationIdFieldNumber,
    WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

constexpr size_t kLargestFirstBlock = 8192;
constexpr size_t kArenaAlignment = 8;

// Usual events take three times of what they are on the wire: those of a small
// request one block, and not a row of ever larger ones.
google::protobuf::ArenaOptions OptionsFor(size_t wire_size) {
  google::protobuf::ArenaOptions options;
  // Blocks are also filled from their end, which must be aligned.
  options.start_block_size =
      std::clamp(3 * wire_size, options.start_block_size, kLargestFirstBlock) /
      kArenaAlignment * kArenaAlignment;
  return options;
}

constexpr uint32_t kEventsTag = GOOGLE_PROTOBUF_WIRE_FORMAT_MAKE_TAG(
    DeliverEventsRequest::kEventsFieldNumber,
    WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

// The last id counts, as everywhere in Protocol Buffers. False where this is no
// message.
bool FindOutline(const grpc::ByteBuffer& wire, RequestOutline& outline) {
  grpc::ByteBuffer copy(wire);
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok()) return false;
  CodedInputStream input(&reader);
  while (const uint32_t tag = input.ReadTag()) {
    bool read;
    if (tag == kEventsTag) {
      read = WireFormatLite::SkipField(&input, tag);
      ++outline.events;
    } else if (tag == kIntegrationIdTag) {
      read = WireFormatLite::ReadBytes(&input, &outline.integration_id);
    } else {
      read = WireFormatLite::SkipField(&input, tag);
    }
    if (!read) return false;
  }
  return input.ConsumedEntireMessage();
}

// Of `input`, so many bytes in one piece: where they lie, or copied into the
// arena where they lie in two. Nothing where there are fewer.
std::optional<absl::string_view> TakeBytes(CodedInputStream& input, size_t size,
                                           Arena& arena) {
  const void* bytes;
  int contiguous;
  if (size == 0) return "";
  if (!input.GetDirectBufferPointer(&bytes, &contiguous)) return std::nullopt;
  if (size <= static_cast<size_t>(contiguous)) {
    input.Skip(static_cast<int>(size));
    return absl::string_view(static_cast<const char*>(bytes), size);
  }
  char* const copy = Arena::CreateArray<char>(&arena, size);
  if (!input.ReadRaw(copy, static_cast<int>(size))) return std::nullopt;
  return absl::string_view(copy, size);
}

// Each event's bytes, which borrow from both. Nothing where this is no message.
std::optional<std::vector<absl::string_view>> FindEvents(grpc::ByteBuffer& wire,
                                                         Arena& arena) {
  grpc::ProtoBufferReader reader(&wire);
  if (!reader.status().ok()) return std::nullopt;
  std::vector<absl::string_view> events;
  CodedInputStream input(&reader);
  while (const uint32_t tag = input.ReadTag()) {
    if (tag != kEventsTag) {
      if (!WireFormatLite::SkipField(&input, tag)) return std::nullopt;
      continue;
    }
    uint32_t size;
    if (!input.ReadVarint32(&size) ||
        size > wire.Length() - static_cast<size_t>(input.CurrentPosition())) {
      return std::nullopt;
    }
    const std::optional<absl::string_view> event =
        TakeBytes(input, size, arena);
    if (!event.has_value()) return std::nullopt;
    events.push_back(*event);
  }
  if (!input.ConsumedEntireMessage()) return std::nullopt;
  return events;
}

}  // namespace

absl::StatusOr<RequestOutline> ReadOutline(const grpc::ByteBuffer& wire) {
  RequestOutline outline;
  if (!FindOutline(wire, outline)) return UnreadableRequest();
  const std::string& id = outline.integration_id;
  if (id.size() > kMaxIntegrationIdBytes) {
    return InvalidField(
        "integration_id", CallFault::kInvalidIntegrationId,
        absl::StrCat("has more than ", kMaxIntegrationIdBytes, " bytes"));
  }
  if (!mapping::IsUtf8(id)) {
    return InvalidField("integration_id", CallFault::kInvalidIntegrationId,
                        "is not UTF-8");
  }
  if (id.empty()) {
    return InvalidField("integration_id", CallFault::kInvalidIntegrationId,
                        "must name an integration");
  }
  return outline;
}

EventRequest::EventRequest(const grpc::ByteBuffer& wire)
    : wire_(wire), arena_(OptionsFor(wire_.Length())) {}

absl::StatusOr<std::unique_ptr<EventRequest>> EventRequest::Read(
    const grpc::ByteBuffer& wire) {
  std::unique_ptr<EventRequest> request(new EventRequest(wire));
  const std::optional<std::vector<absl::string_view>> events =
      FindEvents(request->wire_, request->arena_);
  if (!events.has_value()) return UnreadableRequest();
  if (events->empty()) {
    return InvalidField("events", CallFault::kNoEvents,
                        "must hold at least one event");
  }
  if (events->size() > kMaxEventsPerRequest) {
    return InvalidField(
        "events", CallFault::kTooManyEvents,
        absl::StrCat("holds ", events->size(), " events; split it, at most ",
                     kMaxEventsPerRequest, " go in one request"));
  }
  request->ReadAll(*events);
  return request;
}

void EventRequest::ReadAll(const std::vector<absl::string_view>& events) {
  mapping::EventReader reader(arena_);
  events_.resize(events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    if (reader.Read(events[i], events_[i])) continue;
    unreadable_.push_back(
        {static_cast<int>(i),
         PathOfInvalidUtf8(*datafly::signal::v1::Event::descriptor(),
                           events[i])});
  }
}

std::vector<const mapping::SourceEvent*> EventRequest::sources() const {
  std::vector<const mapping::SourceEvent*> sources(events_.size());
  std::transform(events_.begin(), events_.end(), sources.begin(),
                 [](const mapping::SourceEvent& event) { return &event; });
  return sources;
}

}  // namespace signal_delivery::server
