#ifndef CLIENT_UNTRIED_H_
#define CLIENT_UNTRIED_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/attempt_history.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// The verdicts of deliveries that end for other reasons than an answer. Pure
// functions.

// Nothing was sent.
Verdict NotTried(Verdict::Cause cause, std::string detail);
Verdict ShuttingDown();
Verdict Cancelled();
Verdict Paced();
// As many requests are under way as the host takes at a time.
Verdict AllBusy();
// `last_failure` is of another delivery, and why none is tried now.
Verdict HostDown(const Verdict& last_failure);
bool IsRefusalOfKey(const Verdict& verdict);

// Its deadline has passed while the last of its attempts was under way.
Verdict Overdue(AttemptHistory so_far);

// It waited for another one of the same key, which ended with `verdict`.
Verdict Shared(Verdict verdict);

// It can wait no longer for another one of the same key, of which `other` tells
// and which is being sent or not. `why` it cannot.
Verdict NothingOfTheOther(AttemptHistory other, bool is_sent,
                          absl::string_view why);

}  // namespace signal_delivery::client

#endif  // CLIENT_UNTRIED_H_
