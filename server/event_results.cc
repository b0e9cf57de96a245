#include "server/event_results.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/reasons.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::EventResult;
using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::PreviewEventsResponse;
using ::datafly::delivery::v1::Reason;
using mapping::EventFate;
using mapping::Fate;
using mapping::Finding;
using mapping::MappedEvents;
using mapping::PreparedBatch;

// How long to wait before an event is sent again where mParticle does not say:
// long enough for a passing fault, short enough for a caller that waits.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);
// The same for what only a person can mend.
constexpr absl::Duration kRetryAfterConfigurationError = absl::Seconds(60);

// Explanations are for a person to read; of a large request they would be more
// than a gRPC client takes (4 MiB by default).
constexpr int kMaxExplainedEvents = 100;

// Instead of a hint that promises that a repeat is recognised.
constexpr char kHintWithoutRequestId[] =
    "Sending the event again may count it twice: the integration has "
    "source_request_id turned off.";

// How many findings an answer has room for: what a gRPC client takes by default
// (4 MiB) must hold the answer to a request of any size, as its events may have
// been delivered already.
constexpr int kMaxFindingsPerEvent = 20;
constexpr int kMaxFindingsPerAnswer = 5'000;

using Findings =
    google::protobuf::RepeatedPtrField<datafly::delivery::v1::Finding>;

// `room` is what the answer has room for still.
void SetFindings(const std::vector<Finding>& findings, int& room,
                 Findings& field) {
  const int count = static_cast<int>(findings.size());
  const int shown = std::min({count, room, kMaxFindingsPerEvent});
  room -= shown;
  field.Reserve(shown + 1);
  for (int i = 0; i < shown; ++i) {
    auto* written = field.Add();
    written->set_signal_path(findings[i].signal_path);
    written->set_mparticle_path(findings[i].mparticle_path);
    written->set_description(findings[i].description);
    const absl::string_view rule = mapping::InfoOf(findings[i].rule).name;
    written->set_rule(rule.data(), rule.size());
  }
  if (shown < count) {
    field.Add()->set_description(
        absl::StrCat("and ", count - shown,
                     " more, for which the answer has no "
                     "room; send the event alone to see them"));
  }
}

void SetOrigins(
    const std::vector<mapping::FieldOrigin>& origins,
    google::protobuf::RepeatedPtrField<datafly::delivery::v1::FieldOrigin>&
        fields) {
  fields.Reserve(static_cast<int>(origins.size()));
  for (const mapping::FieldOrigin& origin : origins) {
    auto* written = fields.Add();
    written->set_signal_path(origin.signal_path);
    written->set_mparticle_path(origin.mparticle_path);
    written->set_made_by(origin.made_by);
    written->set_description(origin.description);
    written->set_left_out(origin.left_out);
  }
}

// A setter of a message's that is given bytes copies them twice.
void Write(absl::string_view text, std::string* field) {
  field->assign(text.data(), text.size());
}

// EventResult and PreviewedEvent name what they have in common alike.
template <typename Result>
void SetReason(Reason reason, absl::string_view detail, Result& result) {
  const ReasonInfo& info = InfoOf(reason);
  result.set_outcome(info.outcome);
  result.set_reason(reason);
  const absl::string_view said = info.detail.empty() ? detail : info.detail;
  Write(said, result.mutable_detail());
  result.clear_hint();
  if (!info.hint.empty()) Write(info.hint, result.mutable_hint());
}

// What is known of an event before the network.
template <typename Result>
void SetFate(const mapping::EventFields& event, const EventFate& fate,
             int& room, Result& result) {
  if (!event.message_id().empty()) {
    Write(event.message_id(), result.mutable_message_id());
  }
  if (!fate.findings.violations.empty()) {
    SetFindings(fate.findings.violations, room, *result.mutable_violations());
  }
  if (!fate.findings.warnings.empty()) {
    SetFindings(fate.findings.warnings, room, *result.mutable_warnings());
  }
  const Reason reason = ReasonOf(fate.fate);
  if (reason == Reason::REASON_UNSPECIFIED) return;
  const std::string detail =
      fate.fate == Fate::kConsentNotGranted
          ? absl::StrCat("consent to ", fate.consent_category,
                         " is not granted")
          : "";
  SetReason(reason, detail, result);
}

template <typename Result>
void SetUnreadable(const EventRequest::Unreadable& unreadable, Result& result) {
  SetReason(Reason::REASON_INVALID_EVENT, "", result);
  result.clear_warnings();
  result.clear_violations();
  auto* violation = result.add_violations();
  violation->set_signal_path(unreadable.field);
  violation->set_description(unreadable.field.empty()
                                 ? "the event is not a readable message"
                                 : "is not UTF-8");
  const absl::string_view rule = mapping::InfoOf(mapping::Rule::kUtf8).name;
  violation->set_rule(rule.data(), rule.size());
}

// Empty where the reason's own detail says it better.
std::string FoundOut(const BatchOutcome& outcome) {
  if (!InfoOf(outcome.reason).detail.empty()) return "";
  const client::Verdict& verdict = outcome.verdict;
  return verdict.http_status != 0
             ? absl::StrCat("the answer was HTTP ", verdict.http_status)
             : verdict.detail;
}

void SetOutcome(const PreparedBatch& batch, const BatchOutcome& outcome,
                EventResult& result) {
  const client::Verdict& verdict = outcome.verdict;
  SetReason(outcome.reason, FoundOut(outcome), result);
  if (!verdict.upstream_message.empty()) {
    result.set_detail(
        absl::StrCat(result.detail(), ": ", verdict.upstream_message));
  }
  result.set_http_status(verdict.http_status);
  result.set_attempts(verdict.attempts);
  if (!batch.source_request_id.empty()) {
    Write(batch.source_request_id.text(), result.mutable_source_request_id());
  } else if (result.outcome() == Outcome::OUTCOME_UNKNOWN) {
    result.set_hint(kHintWithoutRequestId);
  }
  if (result.outcome() == Outcome::OUTCOME_NOT_DELIVERED ||
      result.outcome() == Outcome::OUTCOME_UNKNOWN) {
    const absl::Duration wait = RetryAfter(outcome);
    result.mutable_retry_after()->set_seconds(absl::ToInt64Seconds(wait));
    result.mutable_retry_after()->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(wait - absl::Floor(wait, absl::Seconds(1)))));
  }
}

// An identify is in several batches, perhaps. It must be sent again if one of
// them must, or that batch would not be the same again.
int Weight(const BatchOutcome& outcome) {
  switch (InfoOf(outcome.reason).outcome) {
    case Outcome::OUTCOME_UNKNOWN:
      return 3;
    case Outcome::OUTCOME_NOT_DELIVERED:
      return 2;
    case Outcome::OUTCOME_ACCEPTED:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

absl::Duration RetryAfter(const BatchOutcome& outcome) {
  if (outcome.verdict.retry_after.has_value()) {
    return *outcome.verdict.retry_after;
  }
  switch (outcome.reason) {
    case Reason::REASON_UNAUTHORIZED:
    case Reason::REASON_FORBIDDEN:
      return kRetryAfterConfigurationError;
    default:
      return kRetryAfter;
  }
}

std::string DetailOf(const BatchOutcome& outcome) {
  EventResult result;
  SetReason(outcome.reason, FoundOut(outcome), result);
  return result.detail();
}

std::vector<int> DecidingBatches(int events, const MappedEvents& mapped,
                                 absl::Span<const BatchOutcome> outcomes) {
  std::vector<int> deciding(events, -1);
  for (size_t b = 0; b < mapped.batches.size(); ++b) {
    const PreparedBatch& batch = mapped.batches[b];
    for (const int event : batch.events) deciding[event] = static_cast<int>(b);
    for (const int identify : batch.identifies) {
      int& decider = deciding[identify];
      if (decider < 0 || Weight(outcomes[b]) > Weight(outcomes[decider])) {
        decider = static_cast<int>(b);
      }
    }
  }
  return deciding;
}

void WriteResults(const EventRequest& request, const MappedEvents& mapped,
                  absl::Span<const BatchOutcome> outcomes,
                  DeliverEventsResponse& response) {
  response.mutable_results()->Reserve(request.size());
  int room = kMaxFindingsPerAnswer;
  for (int i = 0; i < request.size(); ++i) {
    SetFate(request.event(i), mapped.fates[i], room, *response.add_results());
  }
  const std::vector<int> deciding =
      DecidingBatches(request.size(), mapped, outcomes);
  for (int i = 0; i < request.size(); ++i) {
    if (deciding[i] < 0) continue;
    SetOutcome(mapped.batches[deciding[i]], outcomes[deciding[i]],
               *response.mutable_results(i));
  }
  for (const EventRequest::Unreadable& unreadable : request.unreadable()) {
    SetUnreadable(unreadable, *response.mutable_results(unreadable.index));
  }
}

void WritePreview(const EventRequest& request, const MappedEvents& mapped,
                  PreviewEventsResponse& response) {
  int room = kMaxFindingsPerAnswer;
  for (int i = 0; i < request.size(); ++i) {
    auto* previewed = response.add_events();
    SetFate(request.event(i), mapped.fates[i], room, *previewed);
    if (i < kMaxExplainedEvents) {
      SetOrigins(mapped.fates[i].origins, *previewed->mutable_fields());
    }
  }
  for (size_t b = 0; b < mapped.batches.size(); ++b) {
    const PreparedBatch& batch = mapped.batches[b];
    auto* previewed = response.add_batches();
    previewed->set_body(batch.body);
    previewed->set_source_request_id(batch.source_request_id);
    for (const int event : batch.events) {
      previewed->add_event_indexes(event);
      response.mutable_events(event)->add_batch_indexes(static_cast<int>(b));
    }
    for (const int identify : batch.identifies) {
      response.mutable_events(identify)->add_batch_indexes(static_cast<int>(b));
    }
  }
  for (const EventRequest::Unreadable& unreadable : request.unreadable()) {
    SetUnreadable(unreadable, *response.mutable_events(unreadable.index));
  }
}

}  // namespace signal_delivery::server
