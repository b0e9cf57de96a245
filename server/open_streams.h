#ifndef SERVER_OPEN_STREAMS_H_
#define SERVER_OPEN_STREAMS_H_

#include <cstddef>
#include <mutex>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "server/incoming_stream.h"

namespace signal_delivery::server {

// The most streams at a time. Each may hold a request of 16 MiB that is not
// there to its end; what all hold together, gRPC's own quota bounds.
inline constexpr size_t kMaxStreams = 256;

// The streams that are open, so that they can be ended.
//
// Thread-safe. Borrows the streams until they are removed.
class OpenStreams {
 public:
  // RESOURCE_EXHAUSTED where there are too many, UNAVAILABLE after EndAll.
  absl::Status Add(IncomingStream& stream);
  // Does nothing where it was not added.
  void Remove(IncomingStream& stream);

  // Each answers what is under way, and ends with UNAVAILABLE. Further ones are
  // not taken.
  void EndAll();

  size_t count() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  bool takes_none_ = false;
  absl::flat_hash_set<IncomingStream*> streams_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_OPEN_STREAMS_H_
