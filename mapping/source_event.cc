#include "mapping/source_event.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/message_lite.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/wire_format_lite.h"
#include "mapping/ecommerce_nodes.h"
#include "mapping/json_text.h"
#include "mapping/struct_nodes.h"
#include "mapping/wire_bytes.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Context;
using ::datafly::signal::v1::Ecommerce;
using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::EventType;
using ::google::protobuf::Arena;
using ::google::protobuf::MessageLite;
using ::google::protobuf::Timestamp;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

constexpr bool IsText(uint8_t tag) {
  switch (tag) {
    case LengthTag(Event::kEventFieldNumber):
    case LengthTag(Event::kNameFieldNumber):
    case LengthTag(Event::kUserIdFieldNumber):
    case LengthTag(Event::kAnonymousIdFieldNumber):
    case LengthTag(Event::kGroupIdFieldNumber):
    case LengthTag(Event::kMessageIdFieldNumber):
      return true;
    default:
      return false;
  }
}

int NumberOf(uint8_t tag) { return tag >> 3; }

// The messages in an event, each without its tag. Nothing: not there.
struct Parts {
  std::optional<absl::string_view> properties;
  std::optional<absl::string_view> traits;
  std::optional<absl::string_view> context;
  std::optional<absl::string_view> timestamp;
  std::optional<absl::string_view> ecommerce;
  // Neither is one there twice nor anything that nobody knows: what either
  // means, Protocol Buffers know.
  bool are_all = true;

  // nullptr for the tags of all others.
  std::optional<absl::string_view>* Of(uint8_t tag) {
    switch (tag) {
      case LengthTag(Event::kPropertiesFieldNumber):
        return &properties;
      case LengthTag(Event::kTraitsFieldNumber):
        return &traits;
      case LengthTag(Event::kContextFieldNumber):
        return &context;
      case LengthTag(Event::kTimestampFieldNumber):
        return &timestamp;
      case LengthTag(Event::kEcommerceFieldNumber):
        return &ecommerce;
      default:
        return nullptr;
    }
  }
};

// Takes a field of any kind off the front. False where there is none.
bool SkipField(absl::string_view& wire) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                         static_cast<int>(wire.size()));
  const uint32_t tag = input.ReadTag();
  if (tag == 0 || !WireFormatLite::SkipField(&input, tag)) return false;
  wire.remove_prefix(input.CurrentPosition());
  return true;
}

// Reads the type and the texts into `fields`. Nothing where this is no message,
// or a text is not UTF-8.
std::optional<Parts> Separate(absl::string_view wire, EventFields& fields) {
  Parts parts;
  while (!wire.empty()) {
    const auto tag = static_cast<uint8_t>(wire.front());
    absl::string_view rest = wire;
    absl::string_view piece;
    if (tag == VarintTag(Event::kTypeFieldNumber)) {
      rest.remove_prefix(1);
      uint32_t type;
      if (TakeVarint(rest, type)) {
        fields.set_type(static_cast<EventType>(type));
        wire = rest;
        continue;
      }
    } else if (IsText(tag)) {
      if (TakePiece(tag, rest, piece)) {
        if (!IsUtf8(piece)) return std::nullopt;
        fields.SetText(NumberOf(tag), piece);
        wire = rest;
        continue;
      }
    } else if (auto* const part = parts.Of(tag)) {
      if (TakePiece(tag, rest, piece)) {
        parts.are_all = parts.are_all && !part->has_value();
        *part = piece;
        wire = rest;
        continue;
      }
    }
    parts.are_all = false;
    if (!SkipField(wire)) return std::nullopt;
  }
  return parts;
}

// Reads a message that stands in an event. It may be as deep as there: read for
// itself, Protocol Buffers would let it have a level more, and so an event that
// is too deep for whoever reads it as a whole.
bool ReadPart(absl::string_view wire, MessageLite& part) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                         static_cast<int>(wire.size()));
  input.SetRecursionLimit(CodedInputStream::GetDefaultRecursionLimit() - 1);
  return part.MergeFromCodedStream(&input) && input.ConsumedEntireMessage();
}

// False where it is not there to the last byte.
bool ReadTimestamp(absl::string_view wire, EventFields& fields) {
  Timestamp timestamp;
  if (!timestamp.ParseFromArray(wire.data(), static_cast<int>(wire.size())) ||
      timestamp.ByteSizeLong() != wire.size() ||
      !timestamp.GetReflection()->GetUnknownFields(timestamp).empty()) {
    return false;
  }
  fields.set_timestamp({timestamp.seconds(), timestamp.nanos()});
  return true;
}

// False where a Struct is not plain.
bool ReadObject(const std::optional<absl::string_view>& wire, Arena& arena,
                ObjectView& object) {
  if (!wire.has_value()) return true;
  const std::optional<ObjectView> read = ReadPlainStruct(*wire, arena);
  if (read.has_value()) object = *read;
  return read.has_value();
}

void AddEcommerce(const Ecommerce& ecommerce, SourceEvent& event,
                  Arena& arena) {
  event.properties = NodesOf(ecommerce, event.properties, arena, event.hidden);
}

}  // namespace

bool EventReader::ReadPlain(absl::string_view wire, SourceEvent& event) {
  const std::optional<Parts> parts = Separate(wire, event.fields);
  if (!parts.has_value()) return false;
  const bool is_timed = !parts->timestamp.has_value() ||
                        ReadTimestamp(*parts->timestamp, event.fields);
  if (wire.size() > kMaxEventBytes) return true;
  if (!parts->are_all || !is_timed ||
      (parts->context.has_value() &&
       !ReadContext(*parts->context, event.fields)) ||
      !ReadObject(parts->properties, arena_, event.properties) ||
      !ReadObject(parts->traits, arena_, event.traits)) {
    return false;
  }
  if (!parts->ecommerce.has_value()) return true;
  auto* const ecommerce = Arena::CreateMessage<Ecommerce>(&arena_);
  if (!ReadPart(*parts->ecommerce, *ecommerce)) return false;
  AddEcommerce(*ecommerce, event, arena_);
  return true;
}

bool EventReader::ReadContext(absl::string_view wire, EventFields& fields) {
  if (latest_.message == nullptr || wire != latest_.bytes) {
    auto* const context = Arena::CreateMessage<Context>(&arena_);
    if (!ReadPart(wire, *context)) return false;
    latest_.message = context;
    latest_.bytes.assign(wire.data(), wire.size());
  }
  fields.set_context(*latest_.message);
  return true;
}

bool EventReader::Read(absl::string_view wire, SourceEvent& event) {
  event = SourceEvent();
  bool is_read = ReadPlain(wire, event);
  if (!is_read) {
    event = SourceEvent();
    // It would take memory of many times its size, for nothing.
    if (wire.size() <= kMaxEventBytes) {
      auto* const message = Arena::CreateMessage<Event>(&arena_);
      is_read =
          message->ParseFromArray(wire.data(), static_cast<int>(wire.size()));
      if (is_read) event = SourceEventOf(*message, arena_);
    }
  }
  event.bytes = wire.size();
  return is_read;
}

SourceEvent SourceEventOf(const Event& event, Arena& arena) {
  SourceEvent source{.fields = EventFields(event)};
  if (event.has_properties()) {
    source.properties = NodesOf(event.properties(), arena);
  }
  if (event.has_traits()) source.traits = NodesOf(event.traits(), arena);
  if (event.has_ecommerce()) AddEcommerce(event.ecommerce(), source, arena);
  source.bytes = event.ByteSizeLong();
  source.message = &event;
  return source;
}

Event WholeMessage(const SourceEvent& event) {
  Event whole =
      event.message != nullptr ? *event.message : event.fields.ToMessage();
  whole.clear_ecommerce();
  whole.clear_properties();
  whole.clear_traits();
  if (event.properties.exists()) {
    CopyTo(event.properties, *whole.mutable_properties());
  }
  if (event.traits.exists()) CopyTo(event.traits, *whole.mutable_traits());
  return whole;
}

}  // namespace signal_delivery::mapping
