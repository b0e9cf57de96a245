#include "mapping/latest_user.h"

namespace signal_delivery::mapping {

void LatestUser::Set(const Identities::Known& known, const EventPlan& plan) {
  plan_ = &plan;
  known_ = known;
  told_by_size_ = known.told_by->size();
}

bool LatestUser::Is(const Identities::Known& known,
                    const EventPlan& plan) const {
  if (plan_ == nullptr || !plan.SharesUserPart(*plan_)) return false;
  const SourceEvent& before = *known_.view.event;
  const SourceEvent& now = *known.view.event;
  // Events that came over the wire one after the other share a context that
  // both have (EventReader).
  return known.told_by == known_.told_by &&
         known.told_by->size() == told_by_size_ &&
         known.view.user_id == known_.view.user_id &&
         now.fields.anonymous_id() == before.fields.anonymous_id() &&
         &now.fields.context() == &before.fields.context() &&
         !now.traits.exists() && !before.traits.exists();
}

}  // namespace signal_delivery::mapping
