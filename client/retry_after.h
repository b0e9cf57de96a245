#ifndef CLIENT_RETRY_AFTER_H_
#define CLIENT_RETRY_AFTER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace signal_delivery::client {

// Longer than any pause that makes sense, and it keeps sums of times finite.
inline constexpr absl::Duration kMaxRetryAfter = absl::Hours(24);

// An HTTP date in any of its three forms (RFC 9110, 5.6.7).
std::optional<absl::Time> ParseHttpDate(absl::string_view text);

// The value of a Retry-After header (RFC 9110, 10.2.3): whole seconds, as
// mParticle documents it, or an HTTP date, counted from `answered_at`. A date
// that has passed is a pause of zero. Anything else is as good as none.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view value,
                                              absl::Time answered_at);

}  // namespace signal_delivery::client

#endif  // CLIENT_RETRY_AFTER_H_
