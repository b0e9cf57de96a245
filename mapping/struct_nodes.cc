#include "mapping/struct_nodes.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "google/protobuf/io/coded_stream.h"
#include "mapping/json_text.h"
#include "mapping/wire_bytes.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Arena;
using ::google::protobuf::ListValue;
using ::google::protobuf::Struct;
using ::google::protobuf::io::CodedInputStream;
using PbValue = ::google::protobuf::Value;

// So many objects and lists in one another are usual. More are read by Protocol
// Buffers, which know how many are too many.
constexpr int kUsualDepth = 16;

// All of these have numbers below 16, so a tag is one byte.
constexpr uint8_t kFieldsTag = LengthTag(Struct::kFieldsFieldNumber);
constexpr uint8_t kKeyTag = LengthTag(1);    // of a map's entry
constexpr uint8_t kValueTag = LengthTag(2);  // of a map's entry
constexpr uint8_t kElementsTag = LengthTag(ListValue::kValuesFieldNumber);
constexpr uint8_t kNullTag = VarintTag(PbValue::kNullValueFieldNumber);
constexpr uint8_t kNumberTag = Fixed64Tag(PbValue::kNumberValueFieldNumber);
constexpr uint8_t kTextTag = LengthTag(PbValue::kStringValueFieldNumber);
constexpr uint8_t kBooleanTag = VarintTag(PbValue::kBoolValueFieldNumber);
constexpr uint8_t kObjectTag = LengthTag(PbValue::kStructValueFieldNumber);
constexpr uint8_t kListTag = LengthTag(PbValue::kListValueFieldNumber);

// What an object or list usually has at most: it is read without asking for
// memory before its size is known.
constexpr size_t kUsualSize = 32;

template <typename T>
using Gathered = absl::InlinedVector<T, kUsualSize>;

// Copies what was read to where it stays.
template <typename T>
absl::Span<const T> Keep(const Gathered<T>& gathered, Arena& arena) {
  auto* const first = static_cast<T*>(
      arena.AllocateAligned(gathered.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(gathered.begin(), gathered.end(), first);
  return {first, gathered.size()};
}

// Most names need not be read again for it.
bool HasUtf8Name(const Member& member) {
  return (member.prefix.IsAscii() &&
          member.name.size() <= NamePrefix::kBytes) ||
         IsUtf8(member.name);
}

// Each function is false where something is not plain.
class PlainReader {
 public:
  explicit PlainReader(Arena& arena) : arena_(arena) {}

  bool ReadObject(absl::string_view wire, int depth, ObjectView& object) {
    Gathered<Member> members;
    while (!wire.empty()) {
      absl::string_view entry;
      absl::string_view name;
      absl::string_view value;
      Node node;
      if (!TakePiece(kFieldsTag, wire, entry) ||
          !TakePiece(kKeyTag, entry, name) ||
          !TakePiece(kValueTag, entry, value) || !entry.empty() ||
          !ReadValue(value, depth, node)) {
        return false;
      }
      if (!HasUtf8Name(members.emplace_back(name, node))) return false;
    }
    if (!std::is_sorted(members.begin(), members.end())) {
      std::sort(members.begin(), members.end());
    }
    object = ObjectView(Keep(members, arena_));
    return std::adjacent_find(members.begin(), members.end(),
                              [](const Member& a, const Member& b) {
                                return !(a < b);
                              }) == members.end();
  }

 private:
  bool ReadList(absl::string_view wire, int depth, ListView& list) {
    Gathered<Node> elements;
    while (!wire.empty()) {
      absl::string_view value;
      if (!TakePiece(kElementsTag, wire, value) ||
          !ReadValue(value, depth, elements.emplace_back())) {
        return false;
      }
    }
    list = ListView(Keep(elements, arena_));
    return true;
  }

  bool ReadValue(absl::string_view wire, int depth, Node& node) {
    if (wire.empty()) return true;  // Not set, which is null.
    const auto tag = static_cast<uint8_t>(wire.front());
    switch (tag) {
      case kNullTag:
        return wire.size() == 2 && wire[1] == 0;
      case kNumberTag: {
        uint64_t bits;
        if (wire.size() != 1 + sizeof bits) return false;
        CodedInputStream::ReadLittleEndian64FromArray(
            reinterpret_cast<const uint8_t*>(wire.data()) + 1, &bits);
        node = Node(std::bit_cast<double>(bits));
        return true;
      }
      case kBooleanTag:
        if (wire.size() != 2 || (wire[1] != 0 && wire[1] != 1)) return false;
        node = Node(wire[1] == 1);
        return true;
      default:
        break;
    }
    absl::string_view content;
    if (!TakePiece(tag, wire, content) || !wire.empty()) return false;
    switch (tag) {
      case kTextTag:
        node = Node(content);
        return IsUtf8(content);
      case kObjectTag: {
        ObjectView object;
        if (depth == 0 || !ReadObject(content, depth - 1, object)) return false;
        node = Node(object);
        return true;
      }
      case kListTag: {
        ListView list({});
        if (depth == 0 || !ReadList(content, depth - 1, list)) return false;
        node = Node(list);
        return true;
      }
      default:
        return false;
    }
  }

  Arena& arena_;
};

Node NodeOf(const PbValue& value, Arena& arena) {
  switch (value.kind_case()) {
    case PbValue::kBoolValue:
      return Node(value.bool_value());
    case PbValue::kNumberValue:
      return Node(value.number_value());
    case PbValue::kStringValue:
      return Node(absl::string_view(value.string_value()));
    case PbValue::kStructValue:
      return Node(NodesOf(value.struct_value(), arena));
    case PbValue::kListValue: {
      const auto& values = value.list_value().values();
      const absl::Span<Node> elements = MakeArray<Node>(arena, values.size());
      std::transform(
          values.begin(), values.end(), elements.begin(),
          [&](const PbValue& element) { return NodeOf(element, arena); });
      return Node(ListView(elements));
    }
    case PbValue::kNullValue:
    case PbValue::KIND_NOT_SET:
      break;
  }
  return Node();
}

void CopyTo(const Node& node, PbValue& copy) {
  switch (node.kind()) {
    case Node::Kind::kNull:
      return copy.set_null_value(google::protobuf::NULL_VALUE);
    case Node::Kind::kBoolean:
      return copy.set_bool_value(node.boolean());
    case Node::Kind::kNumber:
      return copy.set_number_value(node.number());
    case Node::Kind::kText:
      return copy.set_string_value(std::string(node.text()));
    case Node::Kind::kObject:
      return CopyTo(node.object(), *copy.mutable_struct_value());
    case Node::Kind::kList: {
      ListValue& list = *copy.mutable_list_value();
      for (const Node& element : node.list().elements()) {
        CopyTo(element, *list.add_values());
      }
      return;
    }
  }
}

}  // namespace

std::optional<ObjectView> ReadPlainStruct(absl::string_view wire,
                                          Arena& arena) {
  ObjectView object;
  if (!PlainReader(arena).ReadObject(wire, kUsualDepth, object)) {
    return std::nullopt;
  }
  return object;
}

ObjectView NodesOf(const Struct& object, Arena& arena) {
  const absl::Span<Member> members =
      MakeArray<Member>(arena, object.fields().size());
  auto member = members.begin();
  for (const auto& [name, value] : object.fields()) {
    *member++ = Member(name, NodeOf(value, arena));
  }
  std::sort(members.begin(), members.end());
  return ObjectView(members);
}

void CopyTo(const ObjectView& object, Struct& copy) {
  for (const Member& member : object.members()) {
    CopyTo(member.node, (*copy.mutable_fields())[std::string(member.name)]);
  }
}

}  // namespace signal_delivery::mapping
