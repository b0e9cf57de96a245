#ifndef MAPPING_BATCH_BUILDER_H_
#define MAPPING_BATCH_BUILDER_H_

#include <cstddef>
#include <memory_resource>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "mapping/id_map.h"
#include "mapping/prepared_batch.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {

// mParticle takes batches of at most 128 KB (Events API, default service
// limits). The page does not say how long its KB is; this is the shorter.
inline constexpr size_t kMaxBatchBytes = 128'000;

// Puts mapped events together to batches. An event joins the batch that holds
// the latest event of its user, if their user parts are the same and the batch
// does not become too large; otherwise it starts one. So the order of a user's
// events is kept, and what an event joins depends on nothing before that batch:
// when the tail of a user's batches is sent again, it makes the same batches.
//
// Not thread-safe: one per request.
class BatchBuilder {
 public:
  struct Options {
    // Part of the source_request_id.
    absl::string_view api_key;
    absl::string_view integration_id;
    bool source_request_id = true;
    // The most events of a batch; 0: any number.
    size_t max_events = 0;
    // How many the request has; 0: not known.
    size_t request_events = 0;
  };
  // `options` refers to texts that outlive the builder, and so does `memory`,
  // which is the request's.
  BatchBuilder(Options options, std::pmr::memory_resource& memory)
      : options_(options),
        parts_(&memory),
        latest_of_user_id_(&memory),
        latest_of_anonymous_id_(&memory) {}

  struct MappedEvent {
    // Index in the request.
    int index;
    // What it was before: its key is made of it.
    const SourceEvent& source;
    // See PreparedBatch::lane.
    int lane;
    // Who the user is; at least one is not empty. Both outlive the builder.
    absl::string_view user_id;
    absl::string_view anonymous_id;
    // The user part: a batch without events, as JSON.
    absl::string_view batch_json;
    // What must be equal for two events to share a batch; empty: batch_json.
    absl::string_view group;
    absl::string_view event_json;
    // The identifies that told something about the user. It may grow from event
    // to event, at its end; no identify is in two such lists.
    const std::vector<int>& told_by;
  };
  // False if the event alone is larger than a batch may be. Then it is as if
  // it had not been added.
  [[nodiscard]] bool Add(const MappedEvent& event);

  // All batches; those of a lane in order.
  std::vector<PreparedBatch> Finish() &&;

  // A batch without events for what an identify told: the event at `index`.
  // Nothing if it is larger than a batch may be.
  std::optional<PreparedBatch> MakeUserBatch(
      int index, int lane, const SourceEvent& source,
      absl::string_view batch_json) const;

  // A batch of the events of `batch` from `first` up to before `last`, as if
  // they had been all. At least one, and not all.
  PreparedBatch PartOf(const PreparedBatch& batch, size_t first,
                       size_t last) const;

 private:
  // What is known of a batch until it is finished.
  struct Parts {
    // The user part's share of the body: all but its closing brace.
    size_t user_bytes;
    std::string group;
    // How much of each told_by the batch has already.
    absl::InlinedVector<std::pair<const std::vector<int>*, size_t>, 2> told;
  };

  // What the member source_request_id takes of a body.
  size_t IdBytes() const;
  // How long a body becomes, its user part being so long without its brace.
  size_t SizeOf(size_t user_bytes, size_t events_bytes) const;
  // The batch that the event may join; nothing if it needs a new one.
  std::optional<size_t> BatchFor(const MappedEvent& event) const;
  bool IsOfGroup(const MappedEvent& event, size_t position) const;
  // Adds the identifies of which the batch does not know yet.
  void AddIdentifies(const std::vector<int>& told_by, size_t position);
  // Makes room for the event, and for more that may come.
  void MakeRoom(const MappedEvent& event, PreparedBatch& batch) const;
  // Takes note that the latest event of its user is in the batch.
  void Remember(const MappedEvent& event, size_t position);
  // Writes the user part, given without its closing brace, and leaves room for
  // the id and for so many bytes of events.
  void StartBody(absl::string_view user_part, size_t events_bytes,
                 PreparedBatch& batch) const;
  // Writes the id, and what comes after the last event.
  void FinishBody(size_t user_bytes, PreparedBatch& batch) const;

  const Options options_;
  std::vector<PreparedBatch> batches_;
  std::pmr::vector<Parts> parts_;  // by batch
  // Where the latest event of that id is, as an index of batches_.
  IdMap<size_t> latest_of_user_id_;
  IdMap<size_t> latest_of_anonymous_id_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_BATCH_BUILDER_H_
