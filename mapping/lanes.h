#ifndef MAPPING_LANES_H_
#define MAPPING_LANES_H_

#include <memory_resource>
#include <vector>

#include "absl/strings/string_view.h"
#include "mapping/event_fields.h"
#include "mapping/id_map.h"

namespace signal_delivery::mapping {

// Which events of a request belong to one user, and so must arrive in order:
// two events with the same user_id or the same anonymous_id do, and so does
// whatever is linked through others. Not thread-safe: one per request. Borrows
// the events and the request's memory.
class Lanes {
 public:
  explicit Lanes(std::pmr::memory_resource& memory)
      : by_user_id_(&memory), by_anonymous_id_(&memory), parents_(&memory) {}

  // Takes note of an event's user.
  void Add(const EventFields& event);

  // The lane of an event that was added: the same for all of a user's events.
  // Only meaningful once all events were added.
  int Of(const EventFields& event);

 private:
  int Find(int lane);
  int LaneOf(IdMap<int>& ids, absl::string_view id);

  IdMap<int> by_user_id_;
  IdMap<int> by_anonymous_id_;
  // Union-find: a lane's parent; a lane that is its own parent stands for all
  // that lead to it.
  std::pmr::vector<int> parents_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_LANES_H_
