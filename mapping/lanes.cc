#include "mapping/lanes.h"

#include <algorithm>

namespace signal_delivery::mapping {

int Lanes::Find(int lane) {
  while (parents_[lane] != lane) {
    parents_[lane] = parents_[parents_[lane]];
    lane = parents_[lane];
  }
  return lane;
}

int Lanes::LaneOf(IdMap<int>& ids, absl::string_view id) {
  const auto next = static_cast<int>(parents_.size());
  const int lane = ids.FindOrAdd(id, next);
  if (lane == next) parents_.push_back(next);
  return Find(lane);
}

void Lanes::Add(const EventFields& event) {
  if (event.user_id().empty() || event.anonymous_id().empty()) {
    Of(event);
    return;
  }
  const int user = LaneOf(by_user_id_, event.user_id());
  const int anonymous = LaneOf(by_anonymous_id_, event.anonymous_id());
  parents_[std::max(user, anonymous)] = std::min(user, anonymous);
}

int Lanes::Of(const EventFields& event) {
  return event.user_id().empty()
             ? LaneOf(by_anonymous_id_, event.anonymous_id())
             : LaneOf(by_user_id_, event.user_id());
}

}  // namespace signal_delivery::mapping
