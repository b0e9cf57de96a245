#ifndef MAPPING_BATCH_BUILDER_H_
#define MAPPING_BATCH_BUILDER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "mapping/prepared_batch.h"

namespace signal_delivery::mapping {

// mParticle takes batches of at most 128 KB (Events API, default service
// limits). The page does not say how long its KB is; this is the shorter.
inline constexpr size_t kMaxBatchBytes = 128'000;

// Puts mapped events together to batches: consecutive events of one lane whose
// user part is the same share a batch, as long as it is not too large. The
// order within a lane is kept. Not thread-safe: one per request.
class BatchBuilder {
 public:
  struct Options {
    // Part of the source_request_id.
    absl::string_view api_key;
    bool source_request_id = true;
  };
  // `options` refers to texts that outlive the builder.
  explicit BatchBuilder(Options options) : options_(options) {}

  struct MappedEvent {
    // Index in the request.
    int index;
    int lane;
    // Tells the event from others; see EventKey().
    std::string key;
    // The user part: a batch without events, as JSON.
    absl::string_view batch_json;
    // What must be equal for two events to share a batch.
    absl::string_view group;
    absl::string_view event_json;
    const std::vector<int>& identifies;
  };
  // False if the event alone is larger than a batch may be. Then it is as if
  // it had not been added.
  [[nodiscard]] bool Add(const MappedEvent& event);

  // All batches; those of a lane in order.
  std::vector<PreparedBatch> Finish() &&;

 private:
  // A batch that still takes events.
  struct Open {
    size_t position;  // in batches_
    std::string group;
    std::string batch_json;
    std::string events_json;
    std::vector<std::string> keys;
  };

  size_t SizeOf(absl::string_view batch_json, size_t events_bytes) const;
  void Start(const MappedEvent& event);
  void Close(Open& open);

  const Options options_;
  std::vector<PreparedBatch> batches_;
  absl::flat_hash_map<int, Open> open_;  // by lane
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_BATCH_BUILDER_H_
