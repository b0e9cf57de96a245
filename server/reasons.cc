#include "server/reasons.h"

#include <algorithm>
#include <iterator>

namespace signal_delivery::server {
namespace {

using client::Verdict;
using mapping::Fate;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the table.

// Hints come from the troubleshooting table of Signal's mParticle page.
constexpr ReasonInfo kReasons[] = {
    {REASON_TAKEN, OUTCOME_ACCEPTED, "mParticle answered 202", ""},
    {REASON_TAKEN_EARLIER, OUTCOME_ACCEPTED,
     "mParticle took it from an earlier call; it was not sent again", ""},

    {REASON_NOT_MAPPED, OUTCOME_DROPPED,
     "the integration has no mapping for this event",
     "If it should be sent, add the event's name to the integration's events."},
    {REASON_MAPPING_DISABLED, OUTCOME_DROPPED,
     "the integration's mapping for this event is disabled",
     "If it should be sent, set enabled: true for the event."},
    {REASON_CONSENT_NOT_GRANTED, OUTCOME_DROPPED, "",
     "Nothing is wrong: the user did not agree to this."},
    {REASON_NOTHING_TO_CARRY, OUTCOME_DROPPED,
     "no later event of this user in the request was sent, and an identify has "
     "no event of its own",
     "Send the identify in one request with the user's next events."},

    {REASON_INVALID_EVENT, OUTCOME_REJECTED, "the event breaks a rule",
     "Correct what the violations name and send the event again."},
    {REASON_EVENT_TOO_LARGE, OUTCOME_REJECTED,
     "the event alone is larger than the 128,000 bytes of a batch",
     "Send fewer or shorter properties."},
    {REASON_REFUSED_AS_MALFORMED, OUTCOME_REJECTED, "mParticle answered 400",
     "Inspect the batch with a preview; if the workspace enforces a data plan, "
     "align the mappings with it."},
    {REASON_REFUSED_AS_TOO_LARGE, OUTCOME_REJECTED, "mParticle answered 413",
     "Send fewer or shorter properties."},

    {REASON_UNAUTHORIZED, OUTCOME_NOT_DELIVERED, "mParticle answered 401",
     "Copy the feed's own S2S key and secret from its Connection details; "
     "platform-level credentials do not work here."},
    {REASON_FORBIDDEN, OUTCOME_NOT_DELIVERED, "mParticle answered 403",
     "Enable the feed, and check that its key has the Server-to-Server "
     "permission."},
    {REASON_RATE_LIMITED, OUTCOME_NOT_DELIVERED, "mParticle answered 429",
     "Send the event again after retry_after; if this persists, ask mParticle "
     "for a higher limit."},
    {REASON_UPSTREAM_UNAVAILABLE, OUTCOME_NOT_DELIVERED, "",
     "Send the event again after retry_after."},
    {REASON_UNEXPECTED_STATUS, OUTCOME_NOT_DELIVERED, "",
     "Check that s2s_host is the host of your account's region and that no "
     "proxy answers in its place."},
    {REASON_HOST_NOT_FOUND, OUTCOME_NOT_DELIVERED, "",
     "Check s2s_host and the service's DNS; then send the event again."},
    {REASON_CONNECT_FAILED, OUTCOME_NOT_DELIVERED, "",
     "Check that the service may reach s2s_host; then send the event again."},
    {REASON_TLS_FAILED, OUTCOME_NOT_DELIVERED, "",
     "Check s2s_host, ca_file and the host's certificate; then send the event "
     "again."},
    {REASON_CONNECTION_LOST_BEFORE_SENDING, OUTCOME_NOT_DELIVERED, "",
     "Send the event again after retry_after."},
    {REASON_DEADLINE_BEFORE_SENDING, OUTCOME_NOT_DELIVERED,
     "the call's deadline left no time to send it",
     "Send the event again, with a longer deadline or in a smaller request."},
    {REASON_EARLIER_BATCH_NOT_TAKEN, OUTCOME_NOT_DELIVERED,
     "an earlier batch of this user was not taken; this one was held back to "
     "keep the user's events in order",
     "Send it again together with the events before it, in the same order."},
    {REASON_SHUTTING_DOWN, OUTCOME_NOT_DELIVERED,
     "the service is shutting down",
     "Send the event again, to another replica."},
    {REASON_PACED, OUTCOME_NOT_DELIVERED,
     "the call's deadline passed before its turn at the rate that mParticle "
     "allows",
     "Send the event again after retry_after; if this persists, send slower or "
     "ask mParticle for a higher limit."},
    {REASON_CIRCUIT_OPEN, OUTCOME_NOT_DELIVERED, "",
     "Send the event again after retry_after; if this persists, check that the "
     "service may reach s2s_host."},
    {REASON_CANCELLED, OUTCOME_NOT_DELIVERED, "the caller cancelled the call",
     "Send the event again if it is still wanted."},
    {REASON_FAULT_NOT_ISOLATED, OUTCOME_NOT_DELIVERED, "",
     "Send the event again together with the others of the call, in the same "
     "order: the search for those at fault goes on."},

    {REASON_NO_ANSWER_BEFORE_DEADLINE, OUTCOME_UNKNOWN,
     "the batch was sent and no answer came before the deadline",
     "Send the event again: mParticle drops the repeat by its "
     "source_request_id."},
    {REASON_CONNECTION_LOST_AFTER_SENDING, OUTCOME_UNKNOWN, "",
     "Send the event again: mParticle drops the repeat by its "
     "source_request_id."},
    {REASON_UNREADABLE_ANSWER, OUTCOME_UNKNOWN, "",
     "Check that s2s_host is mParticle's and that no proxy stands between; "
     "then "
     "send the event again."},
    {REASON_UPSTREAM_ERROR, OUTCOME_UNKNOWN, "",
     "Send the event again: mParticle drops the repeat by its "
     "source_request_id."},
    {REASON_OTHER_PART_OPEN, OUTCOME_UNKNOWN,
     "the batch was refused and sent in parts, and another part is not taken "
     "yet",
     "Send the event again together with the others of the call, in the same "
     "order: mParticle drops the parts that it has taken."},
    {REASON_UNEXPECTED_SUCCESS, OUTCOME_UNKNOWN, "",
     "Check that s2s_host is mParticle's and that no proxy answers in its "
     "place; then send the event again."},
};

}  // namespace

const ReasonInfo& InfoOf(Reason reason) {
  return *std::find_if(
      std::begin(kReasons), std::end(kReasons),
      [&](const ReasonInfo& info) { return info.reason == reason; });
}

Reason ReasonOf(Verdict::Cause cause) {
  switch (cause) {
    case Verdict::Cause::kTaken:
      return REASON_TAKEN;
    case Verdict::Cause::kRefusedAsMalformed:
      return REASON_REFUSED_AS_MALFORMED;
    case Verdict::Cause::kRefusedAsTooLarge:
      return REASON_REFUSED_AS_TOO_LARGE;
    case Verdict::Cause::kUnauthorized:
      return REASON_UNAUTHORIZED;
    case Verdict::Cause::kForbidden:
      return REASON_FORBIDDEN;
    case Verdict::Cause::kRateLimited:
      return REASON_RATE_LIMITED;
    case Verdict::Cause::kUpstreamUnavailable:
      return REASON_UPSTREAM_UNAVAILABLE;
    case Verdict::Cause::kUnexpectedStatus:
      return REASON_UNEXPECTED_STATUS;
    case Verdict::Cause::kHostNotFound:
      return REASON_HOST_NOT_FOUND;
    case Verdict::Cause::kConnectFailed:
      return REASON_CONNECT_FAILED;
    case Verdict::Cause::kTlsFailed:
      return REASON_TLS_FAILED;
    case Verdict::Cause::kConnectionLostBeforeSending:
      return REASON_CONNECTION_LOST_BEFORE_SENDING;
    case Verdict::Cause::kDeadlineBeforeSending:
      return REASON_DEADLINE_BEFORE_SENDING;
    case Verdict::Cause::kShuttingDown:
      return REASON_SHUTTING_DOWN;
    case Verdict::Cause::kPaced:
      return REASON_PACED;
    case Verdict::Cause::kCircuitOpen:
      return REASON_CIRCUIT_OPEN;
    case Verdict::Cause::kCancelled:
      return REASON_CANCELLED;
    case Verdict::Cause::kNoAnswerBeforeDeadline:
      return REASON_NO_ANSWER_BEFORE_DEADLINE;
    case Verdict::Cause::kConnectionLostAfterSending:
      return REASON_CONNECTION_LOST_AFTER_SENDING;
    case Verdict::Cause::kUnreadableAnswer:
      return REASON_UNREADABLE_ANSWER;
    case Verdict::Cause::kUpstreamError:
      return REASON_UPSTREAM_ERROR;
    case Verdict::Cause::kUnexpectedSuccess:
      return REASON_UNEXPECTED_SUCCESS;
  }
  return REASON_UNSPECIFIED;
}

Reason ReasonOf(Fate fate) {
  switch (fate) {
    case Fate::kBatched:
    case Fate::kCarried:
      return REASON_UNSPECIFIED;
    case Fate::kNotMapped:
      return REASON_NOT_MAPPED;
    case Fate::kMappingDisabled:
      return REASON_MAPPING_DISABLED;
    case Fate::kConsentNotGranted:
      return REASON_CONSENT_NOT_GRANTED;
    case Fate::kNothingToCarry:
      return REASON_NOTHING_TO_CARRY;
    case Fate::kInvalid:
      return REASON_INVALID_EVENT;
    case Fate::kTooLarge:
      return REASON_EVENT_TOO_LARGE;
  }
  return REASON_UNSPECIFIED;
}

}  // namespace signal_delivery::server
