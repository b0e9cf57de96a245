#ifndef SERVER_EVENT_RECORDER_H_
#define SERVER_EVENT_RECORDER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/delivery/v1/event_debugger.pb.h"
#include "mapping/mapper.h"
#include "mapping/redactor.h"
#include "server/call_info.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/kept_event.h"
#include "server/recent_events.h"
#include "server/repeats.h"
#include "server/token_bucket.h"

namespace signal_delivery::server {

// Writes down for the event debugger what became of a call's events, redacted:
// what it hands on holds nothing of an event that may not be shown.
//
// Takes some 15 us an event, of which callers must not feel anything: of a call
// it takes a part, and so it does of what comes in a second.
//
// Thread-safe. Borrows `recent`.
class EventRecorder {
 public:
  // Of a call; those that were not accepted come first.
  static constexpr size_t kMaxEventsPerCall = 100;
  // Of all calls; more than anybody reads. 1,000 take 2 % of a core, evenly:
  // all at the start of a second, calls would wait for them.
  static constexpr size_t kMaxEventsPerSecond = 1'000;

  EventRecorder(RecentEvents& recent, std::function<absl::Time()> clock);

  // A call that is about to be answered. Borrows all of it.
  struct Call {
    const CallInfo& info;
    const std::string& integration_id;
    const std::string& environment;
    const EventRequest& request;
    const mapping::MappedEvents& mapped;
    // One per batch of `mapped`, with its body.
    absl::Span<const BatchOutcome> outcomes;
    const Repeats& repeats;
    const datafly::delivery::v1::DeliverEventsResponse& response;
    // From when it was taken in until now.
    absl::Duration duration;
  };
  void Record(const Call& call);

 private:
  std::vector<KeptEvent> Describe(const Call& call,
                                  const std::vector<int>& chosen,
                                  absl::Time now) const;
  void DescribeEvent(const Call& call, int index, absl::Time now,
                     datafly::delivery::v1::DebuggedEvent& described) const;
  // Adds what was found out of the batch that carries the event.
  void DescribeDelivery(const Call& call, int event, int batch,
                        datafly::delivery::v1::DebuggedEvent& described) const;

  RecentEvents& recent_;
  const std::function<absl::Time()> clock_;
  const mapping::Redactor redactor_;
  TokenBucket allowed_{kMaxEventsPerSecond};
};

}  // namespace signal_delivery::server

#endif  // SERVER_EVENT_RECORDER_H_
