#include "client/retry_after.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace signal_delivery::client {

std::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  // Abseil's parser knows words of its own, such as "infinite-future".
  if (text.empty() || !absl::ascii_isupper(text.front())) return std::nullopt;
  for (const char* const format : {
           "%a, %d %b %Y %H:%M:%S GMT",  // the one that is written today
           "%A, %d-%b-%y %H:%M:%S GMT",  // RFC 850
           "%a %b %d %H:%M:%S %Y",       // asctime()
       }) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, std::string(text), absl::UTCTimeZone(), &time,
                        &error)) {
      return time;
    }
  }
  return std::nullopt;
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view value,
                                              absl::Time answered_at) {
  if (!value.empty() &&
      std::all_of(value.begin(), value.end(), absl::ascii_isdigit)) {
    int64_t seconds = 0;
    // All digits, so the only way to fail is to be too large.
    if (!absl::SimpleAtoi(value, &seconds)) return kMaxRetryAfter;
    return std::min(kMaxRetryAfter, absl::Seconds(seconds));
  }
  const std::optional<absl::Time> date = ParseHttpDate(value);
  if (!date.has_value()) return std::nullopt;
  return std::clamp(*date - answered_at, absl::ZeroDuration(), kMaxRetryAfter);
}

}  // namespace signal_delivery::client
