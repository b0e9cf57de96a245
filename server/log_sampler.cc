#include "server/log_sampler.h"

namespace signal_delivery::server {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(1);

// A step of the wall clock to the past must not keep a line out for long.
bool IsOver(absl::Time since, absl::Time now) {
  return now >= since + kWindow || now < since;
}

}  // namespace

std::optional<uint64_t> LogSampler::Admit(const Key& key, absl::Time now) {
  std::lock_guard lock(mutex_);
  Recent& recent = Find(key, now);
  if (IsOver(recent.since, now)) {
    recent.since = now;
    recent.written = 0;
  }
  if (recent.written >= kLinesPerSecond) {
    ++recent.left_out;
    return std::nullopt;
  }
  ++recent.written;
  return std::exchange(recent.left_out, 0);
}

size_t LogSampler::keys() const {
  std::lock_guard lock(mutex_);
  return recent_.size();
}

LogSampler::Recent& LogSampler::Find(const Key& key, absl::Time now) {
  const auto found = recent_.find(key);
  if (found != recent_.end()) return found->second;
  if (recent_.size() >= kMaxKeys) {
    // What has nothing to tell begins anew when it comes again.
    absl::erase_if(recent_, [now](const auto& entry) {
      return entry.second.left_out == 0 && IsOver(entry.second.since, now);
    });
  }
  return recent_.size() < kMaxKeys ? recent_[key] : recent_[Key{}];
}

}  // namespace signal_delivery::server
