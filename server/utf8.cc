#include "server/utf8.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/wire_format_lite.h"
#include "mapping/json_text.h"

namespace signal_delivery::server {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

// Protobuf's own limit on nesting.
constexpr int kMaxDepth = 100;

// The key that stands in a serialised entry of a map. Nothing of a key that is
// not UTF-8 itself goes into a path.
std::string KeyOf(absl::string_view entry) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(entry.data()),
                         static_cast<int>(entry.size()));
  std::string key;
  if (input.ReadTag() ==
      WireFormatLite::MakeTag(1, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
    WireFormatLite::ReadBytes(&input, &key);
  }
  return mapping::IsUtf8(key) ? key : "?";
}

// What a field adds to the path. The inside of a Struct is JSON to its sender:
// only its keys count there.
std::string Step(const FieldDescriptor& field, absl::string_view bytes) {
  if (field.is_map()) return KeyOf(bytes);
  const Descriptor* type = field.containing_type();
  if (type->options().map_entry() ||
      type->file() == google::protobuf::Struct::descriptor()->file()) {
    return "";
  }
  return field.name();
}

// True if a text that is not UTF-8 was found; `path` then leads to it.
bool Find(const Descriptor& type, absl::string_view wire, int depth,
          std::string* path) {
  if (depth > kMaxDepth) return false;
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
    const FieldDescriptor* field =
        type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr) continue;
    bool found = false;
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      found = !mapping::IsUtf8(bytes);
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      found = Find(*field->message_type(), bytes, depth + 1, path);
    }
    if (found) {
      const std::string step = Step(*field, bytes);
      const bool both = !step.empty() && !path->empty();
      *path = absl::StrCat(step, both ? "." : "", *path);
      return true;
    }
  }
  return false;
}

}  // namespace

std::string PathOfInvalidUtf8(const Descriptor& type, absl::string_view wire) {
  std::string path;
  Find(type, wire, 0, &path);
  return path;
}

}  // namespace signal_delivery::server
