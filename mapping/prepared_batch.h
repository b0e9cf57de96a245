#ifndef MAPPING_PREPARED_BATCH_H_
#define MAPPING_PREPARED_BATCH_H_

#include <cstddef>
#include <string>

#include "absl/container/inlined_vector.h"
#include "mapping/batch_id.h"
#include "mapping/event_key_list.h"

namespace signal_delivery::mapping {

// A batch, ready to be posted. Most have one event.
struct PreparedBatch {
  // The request's body: JSON.
  std::string body;
  // Tells the batch from others: the same events make the same one.
  BatchId id;
  // The id in the body, its source_request_id; empty where the integration
  // turned it off.
  BatchId source_request_id;
  // The events in it, as indexes of the request, in order.
  absl::InlinedVector<int, 1> events;
  // What tells each of them from others, and where it begins in the body. A
  // batch without events has the key of its identify.
  EventKeyList keys;
  absl::InlinedVector<size_t, 1> event_offsets;
  // The identifies that told something about its user.
  absl::InlinedVector<int, 1> identifies;
  // Batches of one lane belong to one user: post them in order. Those of
  // different lanes may be posted side by side.
  int lane;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PREPARED_BATCH_H_
