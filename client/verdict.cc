#include "client/verdict.h"

namespace signal_delivery::client {

absl::string_view KindName(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kAccepted:
      return "Accepted";
    case Verdict::Kind::kRejected:
      return "Rejected";
    case Verdict::Kind::kNotDelivered:
      return "NotDelivered";
    case Verdict::Kind::kUnknown:
      return "Unknown";
  }
  return "";
}

absl::string_view CauseName(Verdict::Cause cause) {
  switch (cause) {
    case Verdict::Cause::kTaken:
      return "Taken";
    case Verdict::Cause::kRefusedAsMalformed:
      return "RefusedAsMalformed";
    case Verdict::Cause::kRefusedAsTooLarge:
      return "RefusedAsTooLarge";
    case Verdict::Cause::kUnauthorized:
      return "Unauthorized";
    case Verdict::Cause::kForbidden:
      return "Forbidden";
    case Verdict::Cause::kRateLimited:
      return "RateLimited";
    case Verdict::Cause::kUpstreamUnavailable:
      return "UpstreamUnavailable";
    case Verdict::Cause::kUnexpectedStatus:
      return "UnexpectedStatus";
    case Verdict::Cause::kHostNotFound:
      return "HostNotFound";
    case Verdict::Cause::kConnectFailed:
      return "ConnectFailed";
    case Verdict::Cause::kTlsFailed:
      return "TlsFailed";
    case Verdict::Cause::kConnectionLostBeforeSending:
      return "ConnectionLostBeforeSending";
    case Verdict::Cause::kDeadlineBeforeSending:
      return "DeadlineBeforeSending";
    case Verdict::Cause::kPaced:
      return "Paced";
    case Verdict::Cause::kCircuitOpen:
      return "CircuitOpen";
    case Verdict::Cause::kCancelled:
      return "Cancelled";
    case Verdict::Cause::kShuttingDown:
      return "ShuttingDown";
    case Verdict::Cause::kNoAnswerBeforeDeadline:
      return "NoAnswerBeforeDeadline";
    case Verdict::Cause::kConnectionLostAfterSending:
      return "ConnectionLostAfterSending";
    case Verdict::Cause::kUnreadableAnswer:
      return "UnreadableAnswer";
    case Verdict::Cause::kUpstreamError:
      return "UpstreamError";
    case Verdict::Cause::kUnexpectedSuccess:
      return "UnexpectedSuccess";
  }
  return "";
}

}  // namespace signal_delivery::client
