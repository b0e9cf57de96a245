#ifndef TOOLS_SANDBOX_DECISION_H_
#define TOOLS_SANDBOX_DECISION_H_

#include "absl/time/time.h"
#include "tools/sandbox/faults.h"
#include "tools/sandbox/judge.h"
#include "tools/sandbox/rate_limiter.h"

namespace signal_delivery::sandbox {

// What becomes of one whole request: what it deserves, what the rate limit and
// the fault script make of that, and what is answered in the end.
struct Decision {
  Verdict verdict;
  Fault fault;    // without a name where none is played
  Answer answer;  // is sent unless the fault sends none
  bool taken = false;
  bool duplicate = false;
};

// Counts the request against `limit` and, if it is taken, its id as taken.
Decision Decide(const Request& request, const RateLimit& limit, absl::Time now,
                Judge& judge, RateLimiter& limiter, FaultScript& faults);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_DECISION_H_
