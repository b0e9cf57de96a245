#include "server/token_bucket.h"

#include <algorithm>

namespace signal_delivery::server {
namespace {

constexpr absl::Duration kFillTime = absl::Seconds(1);

}  // namespace

TokenBucket::TokenBucket(size_t tokens_per_second)
    : time_per_token_(kFillTime / tokens_per_second) {}

size_t TokenBucket::Take(size_t wanted, absl::Time now) {
  const std::lock_guard lock(mutex_);
  empty_at_ = std::max(empty_at_, now - kFillTime);
  absl::Duration unused;
  const auto there = static_cast<size_t>(std::max<int64_t>(
      0, absl::IDivDuration(now - empty_at_, time_per_token_, &unused)));
  const size_t taken = std::min(wanted, there);
  empty_at_ += time_per_token_ * taken;
  return taken;
}

}  // namespace signal_delivery::server
