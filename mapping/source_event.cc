#include "mapping/source_event.h"

#include <optional>

#include "mapping/ecommerce_nodes.h"
#include "mapping/struct_nodes.h"
#include "mapping/wire_bytes.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;

constexpr uint8_t kPropertiesTag = LengthTag(Event::kPropertiesFieldNumber);
constexpr uint8_t kTraitsTag = LengthTag(Event::kTraitsFieldNumber);
constexpr uint8_t kEcommerceTag = LengthTag(Event::kEcommerceFieldNumber);

// Takes a field off the front, whatever it is, but for a group: those are not
// used any more. False, with `wire` somewhere in it, where there is none.
bool SkipField(absl::string_view& wire) {
  uint32_t tag;
  if (!TakeVarint(wire, tag)) return false;
  size_t bytes = 0;
  switch (static_cast<WireType>(tag & 7)) {
    case WireType::kVarint:
      // Up to ten bytes, of which the last has no high bit.
      while (bytes < wire.size() && (wire[bytes] & 0x80) != 0) ++bytes;
      ++bytes;
      break;
    case WireType::kFixed64:
      bytes = sizeof(uint64_t);
      break;
    case WireType::kFixed32:
      bytes = sizeof(uint32_t);
      break;
    case WireType::kLength: {
      absl::string_view unused;
      return TakeLengthAndBytes(wire, unused);
    }
    default:
      return false;
  }
  if (bytes > wire.size()) return false;
  wire.remove_prefix(bytes);
  return true;
}

// The bytes of an event's properties and traits.
struct Objects {
  std::optional<absl::string_view> properties;
  std::optional<absl::string_view> traits;
};

// Appends all to `fields` but what takes memory of many times its size. False,
// with some of it appended, where that cannot be told.
bool AppendFields(absl::string_view wire, std::string& fields) {
  while (!wire.empty()) {
    const auto tag = static_cast<uint8_t>(wire.front());
    const absl::string_view before = wire;
    if (!SkipField(wire)) return false;
    if (tag == kPropertiesTag || tag == kTraitsTag || tag == kEcommerceTag) {
      continue;
    }
    fields.append(before.data(), before.size() - wire.size());
  }
  return true;
}

// Finds the two, and appends all else to `fields`. Nothing where that cannot be
// done, or one stands there twice: what it means then Protocol Buffers know.
std::optional<Objects> Separate(absl::string_view wire, std::string& fields) {
  Objects objects;
  while (!wire.empty()) {
    const auto tag = static_cast<uint8_t>(wire.front());
    if (tag == kPropertiesTag || tag == kTraitsTag) {
      auto& object = tag == kTraitsTag ? objects.traits : objects.properties;
      if (object.has_value()) return std::nullopt;
      if (!TakePiece(tag, wire, object.emplace())) return std::nullopt;
      continue;
    }
    const absl::string_view before = wire;
    if (!SkipField(wire)) return std::nullopt;
    fields.append(before.data(), before.size() - wire.size());
  }
  return objects;
}

// False where a Struct is not plain.
bool ReadObject(const std::optional<absl::string_view>& wire, Arena& arena,
                ObjectView& object) {
  if (!wire.has_value()) return true;
  const std::optional<ObjectView> read = ReadPlainStruct(*wire, arena);
  if (read.has_value()) object = *read;
  return read.has_value();
}

void AddEcommerce(SourceEvent& event, Arena& arena) {
  if (!event.fields->has_ecommerce()) return;
  event.properties =
      NodesOf(event.fields->ecommerce(), event.properties, arena, event.hidden);
}

}  // namespace

bool EventReader::ReadPlain(absl::string_view wire, SourceEvent& event) {
  fields_.clear();
  const std::optional<Objects> objects = Separate(wire, fields_);
  if (!objects.has_value() ||
      !ReadObject(objects->properties, arena_, event.properties) ||
      !ReadObject(objects->traits, arena_, event.traits)) {
    return false;
  }
  if (!ReadFields(event)) return false;
  // So there was a tag in more bytes than it takes.
  if (event.fields->has_properties() || event.fields->has_traits()) {
    return false;
  }
  AddEcommerce(event, arena_);
  return true;
}

bool EventReader::ReadFields(SourceEvent& event) {
  auto* const fields = Arena::CreateMessage<Event>(&arena_);
  event.fields = fields;
  return fields->ParseFromString(fields_);
}

bool EventReader::Read(absl::string_view wire, SourceEvent& event) {
  event = SourceEvent();
  bool is_read;
  if (wire.size() > kMaxEventBytes) {
    fields_.clear();
    is_read = AppendFields(wire, fields_) && ReadFields(event);
    if (!is_read) event = SourceEvent();
  } else if (is_read = ReadPlain(wire, event); !is_read) {
    event = SourceEvent();
    auto* const message = Arena::CreateMessage<Event>(&arena_);
    is_read =
        message->ParseFromArray(wire.data(), static_cast<int>(wire.size()));
    if (is_read) event = SourceEventOf(*message, arena_);
  }
  event.bytes = wire.size();
  return is_read;
}

SourceEvent SourceEventOf(const Event& event, Arena& arena) {
  SourceEvent source{.fields = &event};
  if (event.has_properties()) {
    source.properties = NodesOf(event.properties(), arena);
  }
  if (event.has_traits()) source.traits = NodesOf(event.traits(), arena);
  AddEcommerce(source, arena);
  source.bytes = event.ByteSizeLong();
  return source;
}

Event WholeMessage(const SourceEvent& event) {
  Event whole = *event.fields;
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
