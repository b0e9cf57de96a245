#include "server/kept_event.h"

#include <cstdint>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DebuggedEvent;
using ::datafly::delivery::v1::EventResult;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

// Calls `read_field(number, tag, input)` for each field. What is read here was
// serialized here: nothing of it is malformed or comes twice.
template <typename ReadField>
void ReadFields(absl::string_view wire, const ReadField& read_field) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                         static_cast<int>(wire.size()));
  while (const uint32_t tag = input.ReadTag()) {
    read_field(WireFormatLite::GetTagFieldNumber(tag), tag, input);
  }
}

// A text or a message.
absl::string_view ReadBytes(absl::string_view wire, CodedInputStream& input) {
  uint32_t size = 0;
  input.ReadVarint32(&size);
  const auto at = static_cast<size_t>(input.CurrentPosition());
  input.Skip(static_cast<int>(size));
  return wire.substr(at, size);
}

int ReadEnum(CodedInputStream& input) {
  uint32_t value = 0;
  input.ReadVarint32(&value);
  return static_cast<int>(value);
}

void ReadResult(absl::string_view wire, EventMarks& marks) {
  ReadFields(wire,
             [wire, &marks](int field, uint32_t tag, CodedInputStream& input) {
               switch (field) {
                 case EventResult::kMessageIdFieldNumber:
                   marks.message_id = ReadBytes(wire, input);
                   break;
                 case EventResult::kOutcomeFieldNumber:
                   marks.outcome = ReadEnum(input);
                   break;
                 case EventResult::kReasonFieldNumber:
                   marks.reason = ReadEnum(input);
                   break;
                 default:
                   WireFormatLite::SkipField(&input, tag);
               }
             });
}

}  // namespace

KeptEvent::KeptEvent(const DebuggedEvent& event) : size_(event.ByteSizeLong()) {
  auto bytes = std::make_shared_for_overwrite<char[]>(size_);
  event.SerializeWithCachedSizesToArray(
      reinterpret_cast<uint8_t*>(bytes.get()));
  bytes_ = std::move(bytes);
}

DebuggedEvent KeptEvent::Read() const {
  DebuggedEvent event;
  event.ParseFromArray(bytes_.get(), static_cast<int>(size_));
  return event;
}

EventMarks KeptEvent::Marks() const {
  EventMarks marks;
  const absl::string_view wire(bytes_.get(), size_);
  ReadFields(wire,
             [wire, &marks](int field, uint32_t tag, CodedInputStream& input) {
               switch (field) {
                 case DebuggedEvent::kIntegrationIdFieldNumber:
                   marks.integration_id = ReadBytes(wire, input);
                   break;
                 case DebuggedEvent::kEventNameFieldNumber:
                   marks.event_name = ReadBytes(wire, input);
                   break;
                 case DebuggedEvent::kResultFieldNumber:
                   ReadResult(ReadBytes(wire, input), marks);
                   break;
                 default:
                   WireFormatLite::SkipField(&input, tag);
               }
             });
  return marks;
}

}  // namespace signal_delivery::server
