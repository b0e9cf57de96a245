#include "server/recent_batches.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::server {

void RecentBatches::Remember(const std::string& integration,
                             const std::string& batch_id) {
  const Key key = KeyOf(batch_id);
  const TimePoint now = clock_();
  std::lock_guard lock(mutex_);
  Kept& kept = by_integration_[integration];
  while (!kept.oldest_first.empty() &&
         kept.since.at(kept.oldest_first.front()) + kKeep <= now) {
    ForgetOldest(kept);
  }
  if (!kept.since.try_emplace(key, now).second) return;
  kept.oldest_first.push_back(key);
  ++count_;
  if (kept.since.size() > most_ / kShares) {
    ForgetOldest(kept);
  } else if (count_ > most_) {
    ForgetOldest(Largest());
  }
}

bool RecentBatches::Contains(const std::string& integration,
                             const std::string& batch_id) {
  const Key key = KeyOf(batch_id);
  const TimePoint now = clock_();
  std::lock_guard lock(mutex_);
  const auto kept = by_integration_.find(integration);
  if (kept == by_integration_.end()) return false;
  const auto found = kept->second.since.find(key);
  return found != kept->second.since.end() && found->second + kKeep > now;
}

RecentBatches::Key RecentBatches::KeyOf(const std::string& batch_id) {
  Key key;
  const std::string bytes = absl::HexStringToBytes(
      absl::string_view(batch_id).substr(0, 2 * sizeof(key)));
  std::memcpy(key.data(), bytes.data(), sizeof(key));
  return key;
}

void RecentBatches::ForgetOldest(Kept& kept) {
  kept.since.erase(kept.oldest_first.front());
  kept.oldest_first.pop_front();
  --count_;
}

RecentBatches::Kept& RecentBatches::Largest() {
  return std::max_element(by_integration_.begin(), by_integration_.end(),
                          [](const auto& a, const auto& b) {
                            return a.second.since.size() <
                                   b.second.since.size();
                          })
      ->second;
}

}  // namespace signal_delivery::server
