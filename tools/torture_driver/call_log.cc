#include "tools/torture_driver/call_log.h"

#include <algorithm>

#include "absl/strings/str_join.h"

namespace signal_delivery::torture {

void CallLog::AddAnswer(absl::Time start, absl::Time end, int64_t batches,
                        const std::map<std::string, int64_t>& outcomes,
                        const std::set<std::string>& errors) {
  std::lock_guard lock(mutex_);
  ++totals_.calls;
  totals_.batches_asked += batches;
  for (const auto& [outcome, count] : outcomes) {
    totals_.outcomes[outcome] += count;
  }
  if (!errors.empty()) {
    errors_.push_back({start, end, absl::StrJoin(errors, " ")});
  }
}

void CallLog::AddStreamed() {
  std::lock_guard lock(mutex_);
  ++totals_.streamed;
}

void CallLog::AddFailure(absl::Time start, absl::Time end,
                         const std::string& code) {
  std::lock_guard lock(mutex_);
  ++totals_.calls;
  ++totals_.failed_calls;
  ++totals_.outcomes["call " + code];
  errors_.push_back({start, end, "call " + code});
}

void CallLog::AddBrokenCall(absl::Time start, absl::Time end, int replica,
                            const std::string& what) {
  std::lock_guard lock(mutex_);
  broken_.push_back({start, end, replica, what});
}

void CallLog::AddBadAnswer(const std::string& why) {
  std::lock_guard lock(mutex_);
  ++totals_.bad_answers[why];
}

CallLog::Totals CallLog::totals() const {
  std::lock_guard lock(mutex_);
  return totals_;
}

absl::Duration CallLog::LongestRecovery(const std::vector<Calm>& calms) const {
  std::lock_guard lock(mutex_);
  absl::Duration longest = absl::ZeroDuration();
  for (const Calm& calm : calms) {
    if (!calm.after_faults) continue;
    for (const Error& error : errors_) {
      if (error.start < calm.start || error.end > calm.end) continue;
      longest = std::max(longest, error.end - calm.start);
    }
  }
  return longest;
}

int64_t CallLog::ErrorsInCalm(const std::vector<Calm>& calms,
                              absl::Duration recovery) const {
  std::lock_guard lock(mutex_);
  int64_t count = 0;
  for (const Calm& calm : calms) {
    const absl::Time from =
        calm.start + (calm.after_faults ? recovery : absl::ZeroDuration());
    count +=
        std::count_if(errors_.begin(), errors_.end(), [&](const Error& error) {
          return error.start >= from && error.end <= calm.end;
        });
  }
  return count;
}

std::map<std::string, int64_t> CallLog::BrokenWithoutCause(
    const std::vector<Outage>& outages, absl::Duration reconnect) const {
  std::lock_guard lock(mutex_);
  std::map<std::string, int64_t> without_cause;
  for (const BrokenCall& call : broken_) {
    const bool has_cause =
        std::any_of(outages.begin(), outages.end(), [&](const Outage& outage) {
          return outage.replica == call.replica && call.end >= outage.start &&
                 call.start <= outage.end + reconnect;
        });
    if (!has_cause) ++without_cause[call.what];
  }
  return without_cause;
}

std::map<std::string, int64_t> CallLog::LateErrors(
    const std::vector<Calm>& calms, absl::Duration after) const {
  std::lock_guard lock(mutex_);
  std::map<std::string, int64_t> late;
  for (const Calm& calm : calms) {
    for (const Error& error : errors_) {
      if (error.start < calm.start || error.end > calm.end) continue;
      if (error.end - calm.start > after) ++late[error.what];
    }
  }
  return late;
}

}  // namespace signal_delivery::torture
