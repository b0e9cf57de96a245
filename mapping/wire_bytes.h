#ifndef MAPPING_WIRE_BYTES_H_
#define MAPPING_WIRE_BYTES_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

// The wire format of Protocol Buffers, where messages are read without them:
// https://protobuf.dev/programming-guides/encoding/
namespace signal_delivery::mapping {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
};

// Of a field with a number below 16, the only byte of its tag.
constexpr uint8_t TagOf(int number, WireType type) {
  return static_cast<uint8_t>(number << 3 | static_cast<int>(type));
}
constexpr uint8_t VarintTag(int number) {
  return TagOf(number, WireType::kVarint);
}
constexpr uint8_t Fixed64Tag(int number) {
  return TagOf(number, WireType::kFixed64);
}
constexpr uint8_t LengthTag(int number) {
  return TagOf(number, WireType::kLength);
}

// Takes a varint of at most 32 bits off the front. False, with `wire` somewhere
// in it, where there is none.
inline bool TakeVarint(absl::string_view& wire, uint32_t& value) {
  // Nearly all are of one byte.
  if (!wire.empty() && static_cast<uint8_t>(wire.front()) < 0x80) [[likely]] {
    value = static_cast<uint8_t>(wire.front());
    wire.remove_prefix(1);
    return true;
  }
  value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (wire.empty()) return false;
    const auto byte = static_cast<uint8_t>(wire.front());
    wire.remove_prefix(1);
    value |= static_cast<uint32_t>(byte & 0x7F) << shift;
    // Of the fifth byte, four bits fit.
    if (byte < 0x80) return shift < 28 || byte < 0x10;
  }
  return false;
}

// Takes what has this tag, and a length, off the front, likewise.
inline bool TakePiece(uint8_t tag, absl::string_view& wire,
                      absl::string_view& bytes) {
  if (wire.empty() || static_cast<uint8_t>(wire.front()) != tag) return false;
  wire.remove_prefix(1);
  uint32_t length;
  if (!TakeVarint(wire, length) || length > wire.size()) return false;
  bytes = {wire.data(), length};
  wire.remove_prefix(length);
  return true;
}

}  // namespace signal_delivery::mapping

#endif  // MAPPING_WIRE_BYTES_H_
