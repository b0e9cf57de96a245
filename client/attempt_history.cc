#include "client/attempt_history.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {

using Kind = Verdict::Kind;

void AttemptHistory::Add(Verdict verdict, bool tried) {
  if (tried) ++attempts_;
  // What did not come to be an attempt has nothing to say beside those that
  // did.
  if (!tried && last_.has_value()) return;
  if (verdict.kind == Kind::kUnknown) unknown_ = verdict;
  last_ = std::move(verdict);
}

Verdict AttemptHistory::Sum() const {
  Verdict sum = *last_;
  if (attempts_ > 1) {
    sum.detail =
        absl::StrCat(attempts_, " attempts; the last: ", last_->detail);
  }
  if (last_->kind == Kind::kNotDelivered && unknown_.has_value()) {
    sum = *unknown_;
    sum.retry_after = last_->retry_after;
    sum.detail =
        absl::StrCat(attempts_, " attempts; what became of one is not known: ",
                     unknown_->detail, "; the last: ", last_->detail);
  }
  sum.attempts = attempts_;
  return sum;
}

Verdict AttemptHistory::SumWithoutFurther(
    absl::string_view why, std::optional<absl::Duration> retry_after,
    Verdict not_tried) const {
  Verdict sum = last_.has_value() ? Sum() : std::move(not_tried);
  if (last_.has_value()) {
    absl::StrAppend(&sum.detail, "; not tried again: ", why);
  }
  sum.retry_after = retry_after;
  return sum;
}

}  // namespace signal_delivery::client
