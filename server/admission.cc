#include "server/admission.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

// Most calls are done within a second.
constexpr absl::Duration kRetryWhenFull = absl::Seconds(1);

// Calls that come again just when there is time for one would all come at once.
constexpr absl::Duration kLeastRetry = absl::Milliseconds(100);

// Whether a share of what is under way leaves as much free as it holds.
bool LeavesAsMuchFree(size_t share, size_t total, size_t limit) {
  return total <= limit && share <= limit - total;
}

}  // namespace

absl::StatusOr<Admission::Permit> Admission::Admit(
    const std::string& integration, size_t bytes, absl::Duration wait,
    absl::Duration time_left) {
  std::lock_guard lock(mutex_);
  time_left = std::max(time_left, absl::ZeroDuration());
  if (wait > time_left) {
    return NoRoom(
        CallFault::kWaitExceedsDeadline,
        absl::StrCat(
            "integration ", integration, ": the call would wait about ",
            absl::FormatDuration(absl::Trunc(wait, absl::Milliseconds(1))),
            ", which is longer than its deadline allows"),
        std::max(wait - time_left, kLeastRetry));
  }
  const Use before = by_integration_.contains(integration)
                         ? by_integration_[integration]
                         : Use();
  if (!LeavesAsMuchFree(before.calls + 1, total_.calls + 1,
                        limits_.max_calls) ||
      !LeavesAsMuchFree(before.bytes + bytes, total_.bytes + bytes,
                        limits_.max_bytes)) {
    return NoRoom(CallFault::kTooMuchUnderWay,
                  absl::StrCat("integration ", integration, ": ", before.calls,
                               " calls of ", before.bytes,
                               " bytes are under way, and no more fit beside ",
                               "those of the others"),
                  kRetryWhenFull);
  }
  by_integration_[integration] = {before.calls + 1, before.bytes + bytes};
  ++total_.calls;
  total_.bytes += bytes;
  return Permit(*this, integration, bytes);
}

Admission::Use Admission::under_way() const {
  std::lock_guard lock(mutex_);
  return total_;
}

void Admission::GiveBack(const std::string& integration, size_t bytes) {
  std::lock_guard lock(mutex_);
  Use& use = by_integration_[integration];
  --use.calls;
  use.bytes -= bytes;
  if (use.calls == 0) by_integration_.erase(integration);
  --total_.calls;
  total_.bytes -= bytes;
}

}  // namespace signal_delivery::server
