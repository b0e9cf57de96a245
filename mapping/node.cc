#include "mapping/node.h"

#include <bit>
#include <cstring>

namespace signal_delivery::mapping {

namespace {

// The eight bytes from there on, the first of them as the highest.
uint64_t Load(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return std::endian::native == std::endian::little ? __builtin_bswap64(word)
                                                    : word;
}

// The same of less than eight, with zeros behind them.
uint64_t LoadShort(absl::string_view bytes) {
  uint64_t word = 0;
  int shift = 64;
  for (const char byte : bytes) {
    shift -= 8;
    word |= uint64_t{static_cast<unsigned char>(byte)} << shift;
  }
  return word;
}

}  // namespace

NamePrefix::NamePrefix(absl::string_view name) {
  if (name.size() < 8) {
    first_ = LoadShort(name);
    return;
  }
  first_ = Load(name.data());
  if (name.size() >= 16) {
    second_ = Load(name.data() + 8);
  } else if (name.size() > 8) {
    // The last eight, of which some are in the first.
    second_ = Load(name.data() + name.size() - 8) << 8 * (16 - name.size());
  }
}

const Node* ObjectView::Find(const MemberName& name) const {
  const Member* first = members_;
  for (size_t left = size_; left > 0;) {
    const size_t half = left / 2;
    const Member& middle = first[half];
    if (middle.prefix == name.prefix()) {
      const int order = middle.name.compare(name.text());
      if (order == 0) return &middle.node;
      if (order > 0) {
        left = half;
        continue;
      }
    } else if (middle.prefix > name.prefix()) {
      left = half;
      continue;
    }
    first += half + 1;
    left -= half + 1;
  }
  return nullptr;
}

}  // namespace signal_delivery::mapping
