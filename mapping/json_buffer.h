#ifndef MAPPING_JSON_BUFFER_H_
#define MAPPING_JSON_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// Memory at whose end text grows. Whoever knows how long the next piece can be
// asks for room once, writes without looking, and says where it ended: a
// std::string looks, and calls, for every piece. Does not give memory back
// before its own end.
//
// Not thread-safe.
class JsonBuffer {
 public:
  // Has no memory until something is written.
  JsonBuffer() = default;
  // Begins with room for so many bytes.
  explicit JsonBuffer(size_t capacity) { Room(capacity); }

  absl::string_view text() const { return {bytes_.get(), size_}; }
  size_t size() const { return size_; }

  // Where the text ends, with room for so many more bytes. Valid until the next
  // call of a function that appends.
  char* Room(size_t bytes) {
    if (bytes > capacity_ - size_) Grow(bytes);
    return bytes_.get() + size_;
  }
  // The text ends at `end` now, which is in the room.
  void EndAt(const char* end) { size_ = end - bytes_.get(); }

  void Append(absl::string_view text) {
    if (text.empty()) return;
    std::memcpy(Room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void Append(char byte) {
    *Room(1) = byte;
    ++size_;
  }

  // Forgets all behind the first `size` bytes.
  void Truncate(size_t size) { size_ = size; }

 private:
  void Grow(size_t bytes) {
    capacity_ = std::max(2 * capacity_, size_ + bytes);
    std::unique_ptr<char[]> grown(new char[capacity_]);
    if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
    bytes_ = std::move(grown);
  }

  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_JSON_BUFFER_H_
