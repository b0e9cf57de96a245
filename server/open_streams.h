#ifndef SERVER_OPEN_STREAMS_H_
#define SERVER_OPEN_STREAMS_H_

#include <cstddef>
#include <mutex>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "server/incoming_stream.h"

namespace signal_delivery::server {

// The streams that are open: not more than memory allows, and so that they can
// be ended. A stream that is quiet and one whose request never comes to its end
// look the same, and may last; so it is their number that is bounded.
//
// Thread-safe. Borrows the streams until they are removed.
class OpenStreams {
 public:
  // At most so many at a time.
  explicit OpenStreams(size_t max) : max_(max) {}

  // RESOURCE_EXHAUSTED where there are too many, UNAVAILABLE after EndAll.
  absl::Status Add(IncomingStream& stream);
  // Does nothing where it was not added.
  void Remove(IncomingStream& stream);

  // Each answers what is under way, and ends with UNAVAILABLE. Further ones are
  // not taken.
  void EndAll();

  size_t count() const;
  size_t max() const { return max_; }

 private:
  const size_t max_;
  mutable std::mutex mutex_;  // guards what follows
  bool takes_none_ = false;
  absl::flat_hash_set<IncomingStream*> streams_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_OPEN_STREAMS_H_
