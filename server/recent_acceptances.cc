#include "server/recent_acceptances.h"

#include "absl/hash/hash.h"

namespace signal_delivery::server {

RecentAcceptances::Key RecentAcceptances::KeyOf(
    absl::string_view integration_id, const datafly::signal::v1::Event& event) {
  const size_t size = event.ByteSizeLong();
  const auto hash = [&](int seed) {
    return absl::HashOf(seed, integration_id, event.message_id(),
                        static_cast<int>(event.type()), event.event(),
                        event.timestamp().seconds(), event.timestamp().nanos(),
                        size);
  };
  return {hash(1), hash(2)};
}

void RecentAcceptances::Remember(const Key& key, Acceptance acceptance) {
  const absl::Time now = acceptance.at;
  std::lock_guard<std::mutex> lock(mutex_);
  while (!oldest_first_.empty()) {
    const auto oldest = acceptances_.find(oldest_first_.front());
    if (acceptances_.size() < kMaxEvents && oldest->second.at + kKeep > now) {
      break;
    }
    acceptances_.erase(oldest);
    oldest_first_.pop_front();
  }
  if (acceptances_.try_emplace(key, std::move(acceptance)).second) {
    oldest_first_.push_back(key);
  }
}

std::optional<RecentAcceptances::Acceptance> RecentAcceptances::Find(
    const Key& key, absl::Time now) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = acceptances_.find(key);
  if (found == acceptances_.end() || found->second.at + kKeep <= now) {
    return std::nullopt;
  }
  return found->second;
}

}  // namespace signal_delivery::server
