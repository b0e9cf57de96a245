#ifndef SERVER_REPEATS_H_
#define SERVER_REPEATS_H_

#include <vector>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "mapping/source_event.h"

namespace signal_delivery::server {

// The events of one request that repeat an earlier one of it: they are sent
// once, and have its result. A repeat has the same message_id, type, name,
// time, user and size: a sender who uses a message_id for two different events
// must not lose one. An identify is none, as it has no event of its own.
//
// Not thread-safe: one per call.
class Repeats {
 public:
  // Puts an empty event in the place of each repeat, which mapping rejects.
  void TakeOut(std::vector<const mapping::SourceEvent*>& events);

  // Writes the true results over those of the empty events.
  void WriteResults(
      datafly::delivery::v1::DeliverEventsResponse& response) const;
  void WriteResults(
      datafly::delivery::v1::PreviewEventsResponse& response) const;

  // The index of the event that was sent for the one at `index`: its own, but
  // for a repeat.
  int SentFor(int index) const;

 private:
  struct Repeat {
    int index;
    int first;
  };
  std::vector<Repeat> repeats_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_REPEATS_H_
