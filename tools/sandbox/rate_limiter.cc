#include "tools/sandbox/rate_limiter.h"

#include <algorithm>

namespace signal_delivery::sandbox {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(1);

int Percentage(int used, int limit) {
  return std::clamp(used * 100 / limit, 0, 100);
}

}  // namespace

RateLimiter::Answer RateLimiter::Ask(const RateLimit& limit, absl::Time now) {
  std::lock_guard lock(mutex_);
  while (!passed_.empty() && passed_.front() <= now - 2 * kWindow) {
    passed_.pop_front();
  }
  const auto window_start = std::partition_point(
      passed_.begin(), passed_.end(),
      [&](absl::Time time) { return time <= now - kWindow; });
  const int before = static_cast<int>(window_start - passed_.begin());
  int current = static_cast<int>(passed_.end() - window_start);

  Answer answer;
  if (limit.per_second > 0 && current >= limit.per_second) {
    answer.exceeded = "account";
  } else if (limit.growth > 0 && current - before >= limit.growth) {
    answer.exceeded = "acceleration";
  } else {
    passed_.push_back(now);
    ++current;
  }
  if (limit.per_second > 0) {
    answer.percentage_used = Percentage(current, limit.per_second);
  }
  if (limit.growth > 0) {
    answer.percentage_used = std::max(
        answer.percentage_used, Percentage(current - before, limit.growth));
  }
  return answer;
}

}  // namespace signal_delivery::sandbox
