#include "server/recent_batches.h"

namespace signal_delivery::server {

void RecentBatches::Remember(const std::string& batch_id, absl::Time now) {
  std::lock_guard<std::mutex> lock(mutex_);
  while (!oldest_first_.empty()) {
    const auto oldest = remembered_at_.find(oldest_first_.front());
    if (remembered_at_.size() < kMaxBatches && oldest->second + kKeep > now)
      break;
    remembered_at_.erase(oldest);
    oldest_first_.pop_front();
  }
  if (remembered_at_.try_emplace(batch_id, now).second) {
    oldest_first_.push_back(batch_id);
  }
}

bool RecentBatches::Contains(const std::string& batch_id, absl::Time now) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = remembered_at_.find(batch_id);
  return found != remembered_at_.end() && found->second + kKeep > now;
}

}  // namespace signal_delivery::server
