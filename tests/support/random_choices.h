#ifndef TESTS_SUPPORT_RANDOM_CHOICES_H_
#define TESTS_SUPPORT_RANDOM_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::support {

// What random events and configurations are made of: choices, all of which
// follow from a seed, or from the bytes that a fuzzer makes up. Not
// thread-safe.
class RandomChoices {
 public:
  explicit RandomChoices(uint64_t seed) : state_(seed), has_bytes_(false) {}
  // `bytes` are borrowed. Where they end, every choice is 0: whoever makes
  // something in a loop ends it at 0.
  explicit RandomChoices(absl::string_view bytes) : bytes_(bytes) {}

  // From 0 to `count` - 1.
  size_t Below(size_t count) {
    return count <= 1 ? 0 : static_cast<size_t>(Bits(count) % count);
  }
  // One time in `count`.
  bool OneIn(size_t count) { return Below(count) == count - 1; }
  // All 64 bits.
  uint64_t Bits() { return Bits(SIZE_MAX); }

  template <typename T, size_t size>
  const T& Of(const T (&items)[size]) {
    return items[Below(size)];
  }
  template <typename T>
  const T& Of(const std::vector<T>& items) {
    return items[Below(items.size())];
  }

 private:
  // At least as many bits as `count` needs.
  uint64_t Bits(size_t count);

  uint64_t state_ = 0;
  absl::string_view bytes_;
  bool has_bytes_ = true;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RANDOM_CHOICES_H_
