#include "server/call_log.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "server/reasons.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using client::Verdict;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;

// Of an id that no integration has, as its caller may have written anything.
constexpr size_t kLongestUnknownId = 64;

bool CouldBeAnId(absl::string_view text) {
  return text.size() <= kLongestUnknownId &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

std::string NameOfReason(Reason reason) {
  return std::string(absl::StripPrefix(Reason_Name(reason), "REASON_"));
}
std::string NameOfOutcome(Outcome outcome) {
  return std::string(absl::StripPrefix(Outcome_Name(outcome), "OUTCOME_"));
}

double Milliseconds(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(
      absl::Trunc(duration, absl::Microseconds(1)));
}

}  // namespace

void CallLog::Write(LogLevel level, absl::string_view message,
                    const LogSampler::Key& key, absl::string_view integration,
                    std::initializer_list<LogField> more,
                    const CallInfo& call) {
  if (!LogsAt(level)) return;
  const std::optional<uint64_t> suppressed = sampler_.Admit(key, clock_());
  if (!suppressed.has_value()) return;
  const std::string trace_id = call.trace.trace_id();
  std::vector<LogField> fields = {{"trace_id", trace_id},
                                  {"integration", integration},
                                  {"caller", call.caller},
                                  {"reason", key.reason}};
  fields.insert(fields.end(), more.begin(), more.end());
  if (*suppressed > 0) fields.push_back({"suppressed", *suppressed});
  Log(level, message, fields);
}

void CallLog::OnRefusal(const CallInfo& what, absl::string_view integration,
                        const absl::Status& status) {
  if (!LogsAt(LogLevel::kWarn)) return;
  // Where there is no room the integration exists. Whatever else callers name
  // must not fill the sampler.
  const bool exists = absl::IsResourceExhausted(status);
  Write(LogLevel::kWarn, "a call is refused",
        {"call", exists ? std::string(integration) : "", ErrorReasonOf(status)},
        CouldBeAnId(integration) ? integration : "",
        {{"method", what.method},
         {"status", absl::StatusCodeToString(status.code())}},
        what);
}

void CallLog::OnBatch(const CallInfo& call, const std::string& integration,
                      const Batch& batch) {
  const Verdict& verdict = batch.verdict;
  const bool is_taken = verdict.kind == Verdict::Kind::kAccepted;
  const LogLevel level = is_taken ? LogLevel::kTrace : LogLevel::kWarn;
  if (!LogsAt(level)) return;
  Write(level, is_taken ? "a batch is taken" : "a batch is not taken",
        {"batch", integration, NameOfReason(batch.reason)}, integration,
        {{"outcome", NameOfOutcome(InfoOf(batch.reason).outcome)},
         {"http_status", verdict.http_status},
         {"attempts", verdict.attempts},
         {"events", batch.events},
         {"halved", batch.is_halved},
         {"source_request_id", batch.source_request_id},
         {"detail", verdict.detail}},
        call);
}

void CallLog::OnAnswer(const CallInfo& call, const std::string& integration,
                       const DeliverEventsResponse& response,
                       absl::Duration took) {
  std::array<int, datafly::delivery::v1::Outcome_ARRAYSIZE> outcomes = {};
  // Of events that were in no batch.
  std::array<int, datafly::delivery::v1::Reason_ARRAYSIZE> unsent = {};
  for (const auto& result : response.results()) {
    ++outcomes[result.outcome()];
    const bool is_final = result.outcome() == Outcome::OUTCOME_REJECTED ||
                          result.outcome() == Outcome::OUTCOME_DROPPED;
    if (is_final && result.attempts() == 0) ++unsent[result.reason()];
  }
  for (size_t i = 0; i < unsent.size(); ++i) {
    if (unsent[i] == 0) continue;
    const auto reason = static_cast<Reason>(i);
    const Outcome outcome = InfoOf(reason).outcome;
    const bool is_dropped = outcome == Outcome::OUTCOME_DROPPED;
    Write(is_dropped ? LogLevel::kInfo : LogLevel::kWarn,
          is_dropped ? "events are dropped" : "events are rejected",
          {"events", integration, NameOfReason(reason)}, integration,
          {{"outcome", NameOfOutcome(outcome)}, {"events", unsent[i]}}, call);
  }
  if (!LogsAt(LogLevel::kDebug)) return;
  const std::string trace_id = call.trace.trace_id();
  Log(LogLevel::kDebug, "a call is answered",
      {{"trace_id", trace_id},
       {"integration", integration},
       {"caller", call.caller},
       {"events", response.results_size()},
       {"accepted", outcomes[Outcome::OUTCOME_ACCEPTED]},
       {"dropped", outcomes[Outcome::OUTCOME_DROPPED]},
       {"rejected", outcomes[Outcome::OUTCOME_REJECTED]},
       {"not_delivered", outcomes[Outcome::OUTCOME_NOT_DELIVERED]},
       {"unknown", outcomes[Outcome::OUTCOME_UNKNOWN]},
       {"milliseconds", Milliseconds(took)}});
}

void CallLog::OnManyNames(const CallInfo& call, const std::string& integration,
                          int names, int limit) {
  Write(LogLevel::kWarn,
        "many different event and screen names; mParticle drops events with "
        "further ones and does not say so",
        {"names", integration, ""}, integration,
        {{"names", names}, {"limit", limit}}, call);
}

}  // namespace signal_delivery::server
