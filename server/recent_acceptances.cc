#include "server/recent_acceptances.h"

namespace signal_delivery::server {

void RecentAcceptances::Remember(const std::string& batch_id, absl::Time now) {
  std::lock_guard<std::mutex> lock(mutex_);
  while (!oldest_first_.empty()) {
    const auto oldest = taken_at_.find(oldest_first_.front());
    if (taken_at_.size() < kMaxBatches && oldest->second + kKeep > now) break;
    taken_at_.erase(oldest);
    oldest_first_.pop_front();
  }
  if (taken_at_.try_emplace(batch_id, now).second) {
    oldest_first_.push_back(batch_id);
  }
}

bool RecentAcceptances::Contains(const std::string& batch_id, absl::Time now) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = taken_at_.find(batch_id);
  return found != taken_at_.end() && found->second + kKeep > now;
}

}  // namespace signal_delivery::server
