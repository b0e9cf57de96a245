#ifndef MAPPING_ID_MAP_H_
#define MAPPING_ID_MAP_H_

#include <array>
#include <cstddef>
#include <functional>
#include <memory_resource>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// What a request knows by the ids of its users. Most have a few, which are
// compared one by one, the latest first; where there are more, all lie in a
// hash table in the memory of the request. The ids are borrowed from its
// events. Not thread-safe.
template <typename T>
class IdMap {
 public:
  explicit IdMap(std::pmr::memory_resource* memory) : many_(memory) {}

  // nullptr where there is none. Valid until one is added.
  const T* Find(absl::string_view id) const {
    for (size_t i = few_count_; i > 0; --i) {
      if (few_[i - 1].first == id) return &few_[i - 1].second;
    }
    if (many_.empty()) return nullptr;
    const auto found = many_.find(id);
    return found == many_.end() ? nullptr : &found->second;
  }

  // What is there for the id, or else `value`, which is there then. Valid until
  // one is added.
  T& FindOrAdd(absl::string_view id, const T& value) {
    if (const T* found = Find(id)) return const_cast<T&>(*found);
    if (many_.empty() && few_count_ < few_.size()) {
      few_[few_count_] = {id, value};
      return few_[few_count_++].second;
    }
    many_.insert(few_.begin(), few_.begin() + few_count_);
    few_count_ = 0;
    return many_.emplace(id, value).first->second;
  }

 private:
  using Entry = std::pair<const absl::string_view, T>;

  // To compare so many takes about as long as to look into a hash table.
  static constexpr size_t kFew = 8;

  std::array<std::pair<absl::string_view, T>, kFew> few_;
  size_t few_count_ = 0;  // 0: perhaps many
  absl::flat_hash_map<absl::string_view, T, absl::Hash<absl::string_view>,
                      std::equal_to<absl::string_view>,
                      std::pmr::polymorphic_allocator<Entry>>
      many_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_ID_MAP_H_
