#ifndef MAPPING_TAKEN_NODES_H_
#define MAPPING_TAKEN_NODES_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// Those nodes of an event that a mapping has taken, or that are dropped. Usual
// events have a few, which are compared one by one; some have many thousands.
// Not thread-safe.
class TakenNodes {
 public:
  // One that was added before counts twice.
  void Add(const Node* node) {
    nodes_.push_back(node);
    marks_ |= MarkOf(node);
    if (!counts_.empty()) {
      ++counts_[node];
    } else if (nodes_.size() > kFew) {
      for (const Node* one : nodes_) ++counts_[one];
    }
  }

  bool Contains(const Node* node) const {
    return (marks_ & MarkOf(node)) != 0 && Count(node) > 0;
  }
  size_t Count(const Node* node) const {
    if (counts_.empty()) {
      size_t count = 0;
      for (const Node* one : nodes_) count += one == node ? 1 : 0;
      return count;
    }
    const auto found = counts_.find(node);
    return found == counts_.end() ? 0 : found->second;
  }

  size_t size() const { return nodes_.size(); }
  // Forgets all but the first `size`.
  void Truncate(size_t size) {
    for (; nodes_.size() > size; nodes_.pop_back()) {
      if (counts_.empty()) continue;
      const auto found = counts_.find(nodes_.back());
      if (--found->second == 0) counts_.erase(found);
    }
  }

 private:
  static constexpr size_t kFew = 32;

  // One bit of 64, the same for every 64th node or so.
  static uint64_t MarkOf(const Node* node) {
    // Knuth's multiplicative hash, of which the highest bits are the best.
    constexpr uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;
    return uint64_t{1} << (reinterpret_cast<uintptr_t>(node) * kGoldenRatio >>
                           58);
  }

  // Those of all that were added: what has another was not.
  uint64_t marks_ = 0;
  absl::InlinedVector<const Node*, kFew> nodes_;
  // Once there are more than a few: how often each is among them.
  absl::flat_hash_map<const Node*, size_t> counts_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TAKEN_NODES_H_
