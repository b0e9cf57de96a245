#include "mapping/source_event.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "mapping/ecommerce_nodes.h"
#include "mapping/struct_nodes.h"
#include "mapping/wire_bytes.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

// A field with a message in it: with its tag, and without.
struct MessageField {
  absl::string_view whole;
  absl::string_view content;
};

// What of an event is read apart from its other fields. Nothing: not there.
struct Parts {
  std::optional<MessageField> properties;
  std::optional<MessageField> traits;
  std::optional<MessageField> ecommerce;
  // What it means that one is there twice, Protocol Buffers know.
  bool is_one_twice = false;

  // nullptr for the tags of all others.
  std::optional<MessageField>* Of(uint32_t tag) {
    switch (tag) {
      case LengthTag(Event::kPropertiesFieldNumber):
        return &properties;
      case LengthTag(Event::kTraitsFieldNumber):
        return &traits;
      case LengthTag(Event::kEcommerceFieldNumber):
        return &ecommerce;
      default:
        return nullptr;
    }
  }
};

// Appends the context to `context`, and the other fields to `fields`. Nothing
// where this is no message.
std::optional<Parts> Separate(absl::string_view wire, std::string& fields,
                              std::string& context) {
  Parts parts;
  CodedInputStream input(reinterpret_cast<const uint8_t*>(wire.data()),
                         static_cast<int>(wire.size()));
  const auto position = [&input] {
    return static_cast<size_t>(input.CurrentPosition());
  };
  size_t begin = 0;
  for (uint32_t tag; (tag = input.ReadTag()) != 0; begin = position()) {
    std::optional<MessageField>* const part = parts.Of(tag);
    if (part == nullptr) {
      if (!WireFormatLite::SkipField(&input, tag)) return std::nullopt;
      std::string& to =
          tag == LengthTag(Event::kContextFieldNumber) ? context : fields;
      to.append(wire.data() + begin, position() - begin);
      continue;
    }
    uint32_t size;
    if (!input.ReadVarint32(&size)) return std::nullopt;
    const size_t content = position();
    if (!input.Skip(static_cast<int>(size))) return std::nullopt;
    parts.is_one_twice = parts.is_one_twice || part->has_value();
    *part = {wire.substr(begin, position() - begin),
             wire.substr(content, size)};
  }
  if (!input.ConsumedEntireMessage()) return std::nullopt;
  return parts;
}

// False where a Struct is not plain.
bool ReadObject(const std::optional<MessageField>& field, Arena& arena,
                ObjectView& object) {
  if (!field.has_value()) return true;
  const std::optional<ObjectView> read = ReadPlainStruct(field->content, arena);
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
  context_.clear();
  const std::optional<Parts> parts = Separate(wire, fields_, context_);
  if (!parts.has_value()) return false;
  if (wire.size() > kMaxEventBytes) return ReadFields(event);
  if (parts->is_one_twice ||
      !ReadObject(parts->properties, arena_, event.properties) ||
      !ReadObject(parts->traits, arena_, event.traits)) {
    return false;
  }
  if (parts->ecommerce.has_value())
    absl::StrAppend(&fields_, parts->ecommerce->whole);
  if (!ReadFields(event)) return false;
  AddEcommerce(event, arena_);
  return true;
}

bool EventReader::ReadFields(SourceEvent& event) {
  auto* const fields = Arena::CreateMessage<Event>(&arena_);
  event.fields = fields;
  if (latest_.message != nullptr && context_ == latest_.bytes) {
    if (!fields->ParseFromString(fields_)) return false;
    // Both are the arena's.
    fields->unsafe_arena_set_allocated_context(latest_.message);
    return true;
  }
  absl::StrAppend(&fields_, context_);
  if (!fields->ParseFromString(fields_)) return false;
  latest_.message = fields->has_context() ? fields->mutable_context() : nullptr;
  latest_.bytes.swap(context_);
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
