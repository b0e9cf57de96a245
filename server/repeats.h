#ifndef SERVER_REPEATS_H_
#define SERVER_REPEATS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "server/recent_acceptances.h"

namespace signal_delivery::server {

// The events of one call that need no post of their own: those that repeat an
// earlier event of the call, and get its result, and those that mParticle took
// from an earlier call. See RecentAcceptances::KeyOf for what is a repeat.
// Borrows the memory of those and the integration's id. Not thread-safe: one
// per call.
class Repeats {
 public:
  Repeats(RecentAcceptances& recent, absl::string_view integration_id)
      : recent_(recent), integration_id_(integration_id) {}

  // Puts an empty event in the place of each repeat, which mapping rejects. An
  // identify is only one where nothing else is left to be sent: what it tells
  // may be for an event that is new.
  void TakeOut(std::vector<const datafly::signal::v1::Event*>& events,
               absl::Time now);

  // Writes the true results over those of the empty events, and remembers what
  // was accepted. `events` are the call's own.
  void WriteResults(
      const std::vector<const datafly::signal::v1::Event*>& events,
      absl::Time now,
      datafly::delivery::v1::DeliverEventsResponse& response) const;

 private:
  struct Repeat {
    int index;
    // Of the same call; -1: it was taken from an earlier one.
    int first = -1;
    RecentAcceptances::Acceptance acceptance;
  };

  RecentAcceptances& recent_;
  const absl::string_view integration_id_;
  std::vector<Repeat> repeats_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_REPEATS_H_
