#ifndef MAPPING_DRAFT_MEMORY_H_
#define MAPPING_DRAFT_MEMORY_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// Memory for the drafts of an event and what was made for them, given back as a
// whole. A std::pmr resource would be asked through a virtual function in
// another library, a hundred times for an event, for which that takes longer
// than to fill what it gives.
//
// Not thread-safe.
class DraftMemory {
 public:
  DraftMemory() = default;
  DraftMemory(const DraftMemory&) = delete;
  DraftMemory& operator=(const DraftMemory&) = delete;

  // Lives until Release, or as long as this. Fit for any type of a draft.
  void* Allocate(size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (bytes > left_) Refill(bytes);
    void* const room = next_;
    next_ += bytes;
    left_ -= bytes;
    return room;
  }

  // Room for so many, not yet made.
  template <typename T>
  T* AllocateArray(size_t size) {
    static_assert(alignof(T) <= kAlignment);
    return static_cast<T*>(Allocate(size * sizeof(T)));
  }

  // A copy of the text.
  absl::string_view Keep(absl::string_view text) {
    if (text.empty()) return absl::string_view("", 0);
    auto* const copy = static_cast<char*>(Allocate(text.size()));
    std::memcpy(copy, text.data(), text.size());
    return absl::string_view(copy, text.size());
  }

  void Release() {
    blocks_.clear();
    next_ = first_.data();
    left_ = first_.size();
  }

 private:
  static constexpr size_t kAlignment = 8;
  // Nearly all events need less than the first block; others get blocks from
  // the heap.
  static constexpr size_t kBlockBytes = 8192;

  void Refill(size_t bytes) {
    left_ = std::max(bytes, kBlockBytes);
    blocks_.emplace_back(new std::byte[left_]);
    next_ = blocks_.back().get();
  }

  alignas(kAlignment) std::array<std::byte, kBlockBytes> first_;
  std::byte* next_ = first_.data();
  size_t left_ = kBlockBytes;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_DRAFT_MEMORY_H_
