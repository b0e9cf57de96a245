#ifndef SERVER_TOKEN_BUCKET_H_
#define SERVER_TOKEN_BUCKET_H_

#include <cstddef>
#include <mutex>

#include "absl/time/time.h"

namespace signal_delivery::server {

// Gives out so many tokens a second: all of them at once where none were asked
// for in the second before, and else one by one as time goes by, so that what
// they are spent on is spread over the second.
//
// Thread-safe.
class TokenBucket {
 public:
  explicit TokenBucket(size_t tokens_per_second);

  // As many of `wanted` as there are. A clock that is set back gives none until
  // it is where it was.
  size_t Take(size_t wanted, absl::Time now);

 private:
  const absl::Duration time_per_token_;
  std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  // The tokens that there are came since then; guarded by mutex_.
  absl::Time empty_at_ = absl::InfinitePast();
};

}  // namespace signal_delivery::server

#endif  // SERVER_TOKEN_BUCKET_H_
