#ifndef MAPPING_LATEST_USER_H_
#define MAPPING_LATEST_USER_H_

#include <cstddef>

#include "mapping/event_plan.h"
#include "mapping/identities.h"

namespace signal_delivery::mapping {

// For whom the latest user part of a batch was made, and by which plan: many
// events of a user come in one request, and their user parts are the same.
//
// Not thread-safe: one per request. Borrows the events and the plans.
class LatestUser {
 public:
  void Set(const Identities::Known& known, const EventPlan& plan);
  void Forget() { plan_ = nullptr; }

  // Whether `plan` would make the same user part for this event.
  bool Is(const Identities::Known& known, const EventPlan& plan) const;

 private:
  const EventPlan* plan_ = nullptr;  // nullptr: nobody's
  Identities::Known known_;
  size_t told_by_size_ = 0;  // then
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_LATEST_USER_H_
