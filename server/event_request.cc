#include "server/event_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/impl/codegen/proto_buffer_reader.h"
#include "mapping/json_text.h"
#include "server/message_bytes.h"
#include "server/status.h"
#include "server/utf8.h"

namespace signal_delivery::server {
namespace {

// An integration is named like its file, and Linux's names have no more bytes
// (NAME_MAX).
constexpr size_t kMaxIntegrationIdBytes = 255;

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

constexpr uint32_t kIntegrationIdTag = GOOGLE_PROTOBUF_WIRE_FORMAT_MAKE_TAG(
    DeliverEventsRequest::kIntegrationIdFieldNumber,
    WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

constexpr size_t kLargestFirstBlock = 8192;

std::string Flatten(const grpc::ByteBuffer& wire) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!wire.Dump(&slices).ok()) return bytes;
  bytes.reserve(wire.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// Events take some four times of what they are on the wire: those of a small
// request one block, and not a row of ever larger ones.
google::protobuf::ArenaOptions OptionsFor(size_t wire_size) {
  google::protobuf::ArenaOptions options;
  options.start_block_size =
      std::clamp(4 * wire_size, options.start_block_size, kLargestFirstBlock);
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
      uint32_t bytes = 0;
      read = input.ReadVarint32(&bytes) && input.Skip(static_cast<int>(bytes));
      ++outline.events;
      outline.largest_event_bytes =
          std::max(outline.largest_event_bytes, size_t{bytes});
    } else if (tag == kIntegrationIdTag) {
      read = WireFormatLite::ReadBytes(&input, &outline.integration_id);
    } else {
      read = WireFormatLite::SkipField(&input, tag);
    }
    if (!read) return false;
  }
  return input.ConsumedEntireMessage();
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

EventRequest::EventRequest(size_t wire_size)
    : arena_(OptionsFor(wire_size)),
      message_(Arena::CreateMessage<DeliverEventsRequest>(&arena_)) {}

absl::StatusOr<std::unique_ptr<EventRequest>> EventRequest::Read(
    const grpc::ByteBuffer& wire) {
  std::unique_ptr<EventRequest> request(new EventRequest(wire.Length()));
  if (!FromBytes(wire, *request->message_)) {
    request->message_->Clear();
    if (!request->Salvage(Flatten(wire))) {
      return UnreadableRequest();
    }
  }
  if (request->size() == 0) {
    return InvalidField("events", CallFault::kNoEvents,
                        "must hold at least one event");
  }
  if (request->size() > kMaxEventsPerRequest) {
    return InvalidField(
        "events", CallFault::kTooManyEvents,
        absl::StrCat("holds ", request->size(), " events; split it, at most ",
                     kMaxEventsPerRequest, " go in one request"));
  }
  return request;
}

bool EventRequest::Salvage(const std::string& wire) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                         static_cast<int>(wire.size()));
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) !=
        WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&input, tag)) return false;
      continue;
    }
    std::string bytes;
    if (!WireFormatLite::ReadBytes(&input, &bytes)) return false;
    switch (WireFormatLite::GetTagFieldNumber(tag)) {
      case DeliverEventsRequest::kIntegrationIdFieldNumber:
        message_->set_integration_id(std::move(bytes));
        break;
      case DeliverEventsRequest::kEventsFieldNumber: {
        const int index = message_->events_size();
        Event* event = message_->add_events();
        if (!event->ParseFromString(bytes)) {
          event->Clear();
          unreadable_.push_back(
              {index, PathOfInvalidUtf8(*Event::descriptor(), bytes)});
        }
        break;
      }
    }
  }
  return input.ConsumedEntireMessage();
}

}  // namespace signal_delivery::server
