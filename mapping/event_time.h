#ifndef MAPPING_EVENT_TIME_H_
#define MAPPING_EVENT_TIME_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "mapping/event_fields.h"
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

// Compares times with the service's clock. Copied freely.
struct TimeCheck {
  absl::Time now;
  TimePolicy in_future = TimePolicy::kSend;
  TimePolicy too_old = TimePolicy::kSend;

  // The event's time, if it has one: a violation or a warning, as the policies
  // say.
  void Check(const EventFields& event, Findings& findings) const;

  // The same of a time that a mapping wrote to `mparticle_path`, unless it is
  // the event's own to the millisecond.
  void CheckMapped(absl::Time time, const EventFields& event,
                   absl::string_view signal_path,
                   absl::string_view mparticle_path, Findings& findings) const;

 private:
  void Compare(absl::Time time, absl::string_view signal_path,
               absl::string_view mparticle_path, Findings& findings) const;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_TIME_H_
