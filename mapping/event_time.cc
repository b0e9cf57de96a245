#include "mapping/event_time.h"

#include <string>
#include <vector>

namespace signal_delivery::mapping {
void TimeCheck::Check(const EventFields& event, Findings& findings) const {
  // An identify has no event of its own.
  if (!event.timestamp().has_value() ||
      event.type() == datafly::signal::v1::EVENT_TYPE_IDENTIFY) {
    return;
  }
  Compare(event.time(), "timestamp", "", findings);
}

void TimeCheck::CheckMapped(absl::Time time, const EventFields& event,
                            absl::string_view signal_path,
                            absl::string_view mparticle_path,
                            Findings& findings) const {
  if (event.timestamp().has_value() &&
      absl::ToUnixMillis(time) == absl::ToUnixMillis(event.time())) {
    return;
  }
  Compare(time, signal_path, mparticle_path, findings);
}

void TimeCheck::Compare(absl::Time time, absl::string_view signal_path,
                        absl::string_view mparticle_path,
                        Findings& findings) const {
  const auto note = [&](Rule rule, TimePolicy policy, const char* description) {
    std::vector<Finding>& found =
        policy == TimePolicy::kReject ? findings.violations : findings.warnings;
    found.push_back({rule, std::string(signal_path),
                     std::string(mparticle_path), description});
  };
  if (time > now + kMaxClockSkew) {
    note(Rule::kFutureTime, in_future,
         "lies in the future: more than ten minutes ahead of the service's "
         "clock");
  } else if (time < now - kMaxEventAge) {
    note(Rule::kOldTime, too_old, "is older than 30 days");
  }
}

}  // namespace signal_delivery::mapping
