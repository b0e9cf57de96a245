#ifndef MAPPING_WIRE_READER_H_
#define MAPPING_WIRE_READER_H_

#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// Reads a message's wire form, field by field. For bytes that generated code
// wrote in this process: it keeps within them, but it does not report bytes
// that are no message. Borrows the bytes; the texts it returns lie within them.
// Not thread-safe.
class WireReader {
 public:
  explicit WireReader(absl::string_view bytes)
      : position_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool AtEnd() const { return position_ == end_; }

  // Field numbers and lengths are varints too.
  uint64_t ReadVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && position_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*position_++);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  double ReadDouble() {
    double value = 0;
    const absl::string_view bytes = Take(sizeof value);
    if (bytes.size() == sizeof value) {
      std::memcpy(&value, bytes.data(), sizeof value);
    }
    return value;
  }

  // A text, or the wire form of a message.
  absl::string_view ReadBytes() { return Take(ReadVarint()); }

  // Passes over `tag` if it is what comes next.
  bool Skip(uint64_t tag) {
    const char* const before = position_;
    if (!AtEnd() && ReadVarint() == tag) return true;
    position_ = before;
    return false;
  }

 private:
  absl::string_view Take(uint64_t size) {
    const auto left = static_cast<uint64_t>(end_ - position_);
    const absl::string_view taken(position_, size < left ? size : left);
    position_ += taken.size();
    return taken;
  }

  const char* position_;
  const char* end_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_WIRE_READER_H_
