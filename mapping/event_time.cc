#include "mapping/event_time.h"

#include <string>
#include <vector>

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;

absl::Time TimeOf(const Event& event) {
  return absl::FromUnixSeconds(event.timestamp().seconds()) +
         absl::Nanoseconds(event.timestamp().nanos());
}

}  // namespace

void TimeCheck::Check(const Event& event, Findings& findings) const {
  // An identify has no event of its own.
  if (!event.has_timestamp() ||
      event.type() == datafly::signal::v1::EVENT_TYPE_IDENTIFY) {
    return;
  }
  Compare(TimeOf(event), "timestamp", "", findings);
}

void TimeCheck::CheckMapped(absl::Time time, const Event& event,
                            absl::string_view signal_path,
                            absl::string_view mparticle_path,
                            Findings& findings) const {
  if (event.has_timestamp() &&
      absl::ToUnixMillis(time) == absl::ToUnixMillis(TimeOf(event))) {
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
