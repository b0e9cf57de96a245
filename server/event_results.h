#ifndef SERVER_EVENT_RESULTS_H_
#define SERVER_EVENT_RESULTS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/verdict.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "mapping/mapper.h"
#include "server/event_request.h"

namespace signal_delivery::server {

// What became of one batch.
struct BatchOutcome {
  datafly::delivery::v1::Reason reason =
      datafly::delivery::v1::REASON_UNSPECIFIED;
  // What the client found out; empty where the batch was never handed to it.
  client::Verdict verdict;
  // For the event debugger, where it is on: what was posted, or would have
  // been, and how long its delivery took; nothing where it was not posted.
  std::shared_ptr<const std::string> body;
  std::optional<absl::Duration> took;
};

// How long to wait at least before the batch's events are sent again. Only for
// outcomes that ask for it.
absl::Duration RetryAfter(const BatchOutcome& outcome);

// What happened, for a person, in our own words alone.
std::string DetailOf(const BatchOutcome& outcome);

// For each event of a request the batch whose outcome is its own, as an index
// of mapped.batches; -1 where no batch carries it.
std::vector<int> DecidingBatches(int events,
                                 const mapping::MappedEvents& mapped,
                                 absl::Span<const BatchOutcome> outcomes);

// Writes the results of a request: one per event, in its order. `mapped` is
// what became of its events; for those that could not be read the true reason
// stands in the place of what mapping says. `outcomes` is one per batch.
void WriteResults(const EventRequest& request,
                  const mapping::MappedEvents& mapped,
                  absl::Span<const BatchOutcome> outcomes,
                  datafly::delivery::v1::DeliverEventsResponse& response);

// Writes what would be posted, and what would become of each event before.
void WritePreview(const EventRequest& request,
                  const mapping::MappedEvents& mapped,
                  datafly::delivery::v1::PreviewEventsResponse& response);

}  // namespace signal_delivery::server

#endif  // SERVER_EVENT_RESULTS_H_
