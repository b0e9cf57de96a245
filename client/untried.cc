#include "client/untried.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

using Cause = Verdict::Cause;

Verdict NoAnswer(std::string detail) {
  return {.kind = Verdict::Kind::kUnknown,
          .cause = Cause::kNoAnswerBeforeDeadline,
          .detail = std::move(detail)};
}

}  // namespace

Verdict NotTried(Cause cause, std::string detail) {
  return {.kind = Verdict::Kind::kNotDelivered,
          .cause = cause,
          .detail = std::move(detail)};
}

Verdict ShuttingDown() {
  return NotTried(Cause::kShuttingDown, "shutting down");
}

Verdict Cancelled() {
  return NotTried(Cause::kCancelled, "cancelled before its turn came");
}

Verdict Paced() {
  return NotTried(Cause::kPaced,
                  "the deadline passed before its turn at the rate that the "
                  "host allows");
}

Verdict AllBusy() {
  return NotTried(Cause::kDeadlineBeforeSending,
                  "the deadline passed while as many requests were under way "
                  "as the host takes at a time");
}

bool IsRefusalOfKey(const Verdict& verdict) {
  return verdict.cause == Cause::kUnauthorized ||
         verdict.cause == Cause::kForbidden;
}

Verdict HostDown(const Verdict& last_failure) {
  if (IsRefusalOfKey(last_failure)) {
    return NotTried(last_failure.cause,
                    absl::StrCat("not tried: to an earlier delivery ",
                                 last_failure.detail));
  }
  return NotTried(Cause::kCircuitOpen,
                  absl::StrCat("not tried: the latest attempts of other "
                               "deliveries failed; the last: ",
                               last_failure.detail));
}

Verdict Overdue(AttemptHistory so_far) {
  so_far.Add(NoAnswer("no answer in time"), /*tried=*/true);
  return so_far.Sum();
}

Verdict Shared(Verdict verdict) {
  verdict.attempts = 0;
  verdict.shared = true;
  return verdict;
}

Verdict NothingOfTheOther(AttemptHistory other, bool is_sent,
                          absl::string_view why) {
  if (is_sent) {
    other.Add(NoAnswer("sent for another call, without an answer so far"),
              /*tried=*/true);
  }
  Verdict verdict = other.SumWithoutFurther(
      why, std::nullopt,
      NotTried(Cause::kDeadlineBeforeSending,
               "the same is to be sent for another call, whose turn had not "
               "come"));
  return Shared(std::move(verdict));
}

}  // namespace signal_delivery::client
