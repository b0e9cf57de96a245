#include "mapping/event_time.h"

namespace signal_delivery::mapping {
namespace {

void Note(Rule rule, TimePolicy policy, const char* description,
          Findings& findings) {
  std::vector<Finding>& found =
      policy == TimePolicy::kReject ? findings.violations : findings.warnings;
  found.push_back({rule, "timestamp", "", description});
}

}  // namespace

void CheckTime(const datafly::signal::v1::Event& event, absl::Time now,
               TimePolicy in_future, TimePolicy too_old, Findings& findings) {
  // An identify has no event of its own.
  if (!event.has_timestamp() ||
      event.type() == datafly::signal::v1::EVENT_TYPE_IDENTIFY) {
    return;
  }
  const absl::Time time = absl::FromUnixSeconds(event.timestamp().seconds()) +
                          absl::Nanoseconds(event.timestamp().nanos());
  if (time > now + kMaxClockSkew) {
    Note(Rule::kFutureTime, in_future,
         "lies in the future: more than ten minutes ahead of the service's "
         "clock",
         findings);
  } else if (time < now - kMaxEventAge) {
    Note(Rule::kOldTime, too_old, "is older than 30 days", findings);
  }
}

}  // namespace signal_delivery::mapping
