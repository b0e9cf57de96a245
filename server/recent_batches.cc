#include "server/recent_batches.h"

#include <algorithm>
#include <charconv>

namespace signal_delivery::server {

void RecentBatches::Remember(const std::string& recipient,
                             const std::string& batch_id) {
  const Key key = KeyOf(batch_id);
  const TimePoint now = clock_();
  std::lock_guard lock(mutex_);
  Kept& kept = by_recipient_[recipient];
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

bool RecentBatches::Contains(const std::string& recipient,
                             const std::string& batch_id) {
  const Key key = KeyOf(batch_id);
  const TimePoint now = clock_();
  std::lock_guard lock(mutex_);
  const auto kept = by_recipient_.find(recipient);
  if (kept == by_recipient_.end()) return false;
  const auto found = kept->second.since.find(key);
  return found != kept->second.since.end() && found->second + kKeep > now;
}

RecentBatches::Key RecentBatches::KeyOf(const std::string& batch_id) {
  Key key = {};
  constexpr size_t kDigits = 2 * sizeof(key[0]);
  for (size_t i = 0; i < key.size(); ++i) {
    const char* const first = batch_id.data() + i * kDigits;
    std::from_chars(first, first + kDigits, key[i], 16);
  }
  return key;
}

void RecentBatches::ForgetOldest(Kept& kept) {
  kept.since.erase(kept.oldest_first.front());
  kept.oldest_first.pop_front();
  --count_;
}

RecentBatches::Kept& RecentBatches::Largest() {
  return std::max_element(by_recipient_.begin(), by_recipient_.end(),
                          [](const auto& a, const auto& b) {
                            return a.second.since.size() <
                                   b.second.since.size();
                          })
      ->second;
}

}  // namespace signal_delivery::server
