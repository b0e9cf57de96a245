#include "server/reset_budget.h"

namespace signal_delivery::server {

bool ResetBudget::Spend(const std::string& peer, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    resets_.clear();
  }
  return ++resets_[peer] <= max_per_second_;
}

}  // namespace signal_delivery::server
