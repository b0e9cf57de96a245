#include "mapping/node.h"

#include <algorithm>

namespace signal_delivery::mapping {

uint64_t PrefixOf(absl::string_view name) {
  uint64_t prefix = 0;
  const size_t size = std::min(name.size(), sizeof prefix);
  for (size_t i = 0; i < size; ++i) {
    prefix = prefix << 8 | static_cast<unsigned char>(name[i]);
  }
  // No shift is by all of its bits.
  return size == 0 ? 0 : prefix << 8 * (sizeof prefix - size);
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
