#ifndef MAPPING_LANES_H_
#define MAPPING_LANES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::mapping {

// Which events of a request belong to one user, and so must arrive in order:
// two events with the same user_id or the same anonymous_id do, and so does
// whatever is linked through others. Not thread-safe: one per request.
class Lanes {
 public:
  // Takes note of an event's user.
  void Add(const datafly::signal::v1::Event& event);

  // The lane of an event that was added: the same for all of a user's events.
  // Only meaningful once all events were added.
  int Of(const datafly::signal::v1::Event& event);

 private:
  int Find(int lane);
  int LaneOf(absl::flat_hash_map<std::string, int>& ids, const std::string& id);

  absl::flat_hash_map<std::string, int> by_user_id_;
  absl::flat_hash_map<std::string, int> by_anonymous_id_;
  // Union-find: a lane's parent; a lane that is its own parent stands for all
  // that lead to it.
  std::vector<int> parents_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_LANES_H_
