#ifndef MAPPING_EVENT_TIME_H_
#define MAPPING_EVENT_TIME_H_

#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/findings.h"

namespace signal_delivery::mapping {

// What to do with an event whose time mParticle may not take well.
enum class TimePolicy { kSend, kReject };

// How far a sender's clock may be ahead of ours: what clocks without NTP are
// off by, and less than would move an event to another day's report.
inline constexpr absl::Duration kMaxClockSkew = absl::Minutes(10);

// mParticle takes older events at another endpoint only
// (/v2/bulkevents/historical).
inline constexpr absl::Duration kMaxEventAge = absl::Hours(30 * 24);

// Compares the event's time, if it has one, with `now`: a violation or a
// warning, as the policies say.
void CheckTime(const datafly::signal::v1::Event& event, absl::Time now,
               TimePolicy in_future, TimePolicy too_old, Findings& findings);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_TIME_H_
