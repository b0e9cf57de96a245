#ifndef MAPPING_PREPARED_BATCH_H_
#define MAPPING_PREPARED_BATCH_H_

#include <cstddef>
#include <string>
#include <vector>

namespace signal_delivery::mapping {

// A batch, ready to be posted.
struct PreparedBatch {
  // The request's body: JSON.
  std::string body;
  // Tells the batch from others: the same events make the same one.
  std::string id;
  // The id in the body, its source_request_id; empty where the integration
  // turned it off.
  std::string source_request_id;
  // The events in it, as indexes of the request, in order.
  std::vector<int> events;
  // What tells each of them from others (see EventKey()), and where it begins
  // in the body.
  std::vector<std::string> keys;
  std::vector<size_t> event_offsets;
  // The identifies that told something about its user.
  std::vector<int> identifies;
  // Batches of one lane belong to one user: post them in order. Those of
  // different lanes may be posted side by side.
  int lane;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PREPARED_BATCH_H_
