#include "tools/sandbox/decision.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::sandbox {
namespace {

constexpr char kPercentageHeader[] = "X-mp-rate-limit-percentage-used";
constexpr int kNotFound = 404;  // what is not the events' path is not limited

Answer TooManyRequests(const RateLimit& limit, const std::string& exceeded) {
  Answer answer;
  answer.status = 429;
  answer.headers = {{"X-mp-rate-limit-exceeded", exceeded}};
  if (!limit.retry_after.empty()) {
    answer.headers.emplace_back("Retry-After", limit.retry_after);
  }
  return answer;
}

// A script may say something else.
void AddPercentage(int percentage, Answer& answer) {
  const bool has_one = std::any_of(
      answer.headers.begin(), answer.headers.end(), [](const auto& header) {
        return absl::EqualsIgnoreCase(header.first, kPercentageHeader);
      });
  if (has_one) return;
  answer.headers.emplace_back(kPercentageHeader, absl::StrCat(percentage));
}

}  // namespace

Decision Decide(const Request& request, const RateLimit& limit, absl::Time now,
                Judge& judge, RateLimiter& limiter, FaultScript& faults) {
  Decision decision;
  decision.verdict = judge.Check(request);
  const bool limited = decision.verdict.answer.status != kNotFound;
  RateLimit in_force = limited ? limit : RateLimit{};
  RateLimiter::Answer use;
  if (in_force.on()) use = limiter.Ask(in_force, now);
  // One that is over the limit does not get as far as the faults.
  if (use.exceeded.empty()) {
    decision.fault =
        faults.Next(Moment::kRequestRead, request.body).value_or(Fault{});
    if (decision.fault.kind == FaultKind::kRateLimit && limited) {
      in_force = decision.fault.limit;
      use = limiter.Ask(in_force, now);
      // The name is for what was refused.
      if (use.exceeded.empty()) decision.fault = Fault{};
    }
  }

  decision.answer = decision.fault.answer.value_or(decision.verdict.answer);
  decision.taken = decision.verdict.good && decision.fault.take;
  if (!use.exceeded.empty()) {
    decision.answer = TooManyRequests(in_force, use.exceeded);
    decision.taken = false;
    decision.fault.name = "rate_limit";
  }
  if (in_force.on()) AddPercentage(use.percentage_used, decision.answer);
  decision.duplicate =
      decision.taken && judge.TakeIsDuplicate(decision.verdict.request_id);
  return decision;
}

}  // namespace signal_delivery::sandbox
