#ifndef CLIENT_VERDICT_H_
#define CLIENT_VERDICT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace signal_delivery::client {

// What a delivery came to, and why. A plain value.
struct Verdict {
  // What is known about the posted body.
  enum class Kind {
    kAccepted,      // taken, the host said so
    kRejected,      // refused for what it is; the same body will never pass
    kNotDelivered,  // certainly not taken, and not for what it is
    kUnknown,       // sent, at least in part, and nobody said what became of it
  };

  // Closed: every delivery ends with one of these. The comment names the kind
  // that it always goes with.
  enum class Cause {
    kTaken,                        // Accepted: 202
    kRefusedAsMalformed,           // Rejected: 400
    kRefusedAsTooLarge,            // Rejected: 413
    kUnauthorized,                 // NotDelivered: 401, to this or an earlier
    kForbidden,                    // NotDelivered: 403, to this or an earlier
    kRateLimited,                  // NotDelivered: 429
    kUpstreamUnavailable,          // NotDelivered: 408, 503
    kUnexpectedStatus,             // NotDelivered: 3xx and every other 4xx
    kHostNotFound,                 // NotDelivered: the name did not resolve
    kConnectFailed,                // NotDelivered: no TCP connection
    kTlsFailed,                    // NotDelivered: no handshake, or no trust
    kConnectionLostBeforeSending,  // NotDelivered
    kDeadlineBeforeSending,        // NotDelivered
    kPaced,                        // NotDelivered: no turn at the allowed rate
    kCircuitOpen,                  // NotDelivered: not tried, the others failed
    kCancelled,                    // NotDelivered: by the caller
    kShuttingDown,                 // NotDelivered: the client was destroyed
    kNoAnswerBeforeDeadline,       // Unknown
    kConnectionLostAfterSending,   // Unknown
    kUnreadableAnswer,             // Unknown: what came back is not HTTP
    kUpstreamError,                // Unknown: 5xx other than 503
    kUnexpectedSuccess,            // Unknown: 2xx other than 202
  };

  Kind kind = Kind::kNotDelivered;
  Cause cause = Cause::kShuttingDown;
  // The status that was read; 0 where none was. Of several attempts, of the one
  // that decides.
  int http_status = 0;
  // How often the body was posted, or tried to be. 0 where the deadline passed
  // or the client ended before its turn came.
  int attempts = 0;
  // It is that of another delivery of the same key, or of an earlier one;
  // nothing was posted for this one.
  bool shared = false;
  // When it would be tried again if there were time, or the host's Retry-After.
  std::optional<absl::Duration> retry_after;
  // The host's own word on why it refused the body, where it gave one (see
  // ReadErrorMessage). May quote what was posted; not for logs.
  std::string upstream_message;
  // For a person, in our own words and those of the system's libraries. Holds
  // nothing of the request and nothing of the answer but its status.
  std::string detail;
};

// The enumerator without its k: "Accepted", "ConnectFailed". For logs and test
// messages.
absl::string_view KindName(Verdict::Kind kind);
absl::string_view CauseName(Verdict::Cause cause);

}  // namespace signal_delivery::client

#endif  // CLIENT_VERDICT_H_
