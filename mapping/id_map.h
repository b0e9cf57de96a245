#ifndef MAPPING_ID_MAP_H_
#define MAPPING_ID_MAP_H_

#include <functional>
#include <memory_resource>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// What a request knows by the ids of its users, in the memory of the request.
// The ids are borrowed from its events. Not thread-safe.
template <typename T>
using IdMap = absl::flat_hash_map<
    absl::string_view, T, absl::Hash<absl::string_view>,
    std::equal_to<absl::string_view>,
    std::pmr::polymorphic_allocator<std::pair<const absl::string_view, T>>>;

}  // namespace signal_delivery::mapping

#endif  // MAPPING_ID_MAP_H_
