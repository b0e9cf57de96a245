#ifndef CLIENT_ATTEMPT_HISTORY_H_
#define CLIENT_ATTEMPT_HISTORY_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// The attempts of one delivery, and what they come to together. The one place
// that knows. A plain value.
class AttemptHistory {
 public:
  // `verdict` is of one more attempt; not `tried`: it ended before anything was
  // done for it.
  void Add(Verdict verdict, bool tried);

  int attempts() const { return attempts_; }

  // The verdict of the whole delivery: that of the last attempt; but where it
  // is not known what became of an earlier one, and the last one neither was
  // accepted nor refused for what the body is, the whole is unknown. After one
  // Add at least.
  Verdict Sum() const;

  // The same for a delivery that would be tried again if it could: `why` not,
  // and when it could. Before any Add it is `not_tried`.
  Verdict SumWithoutFurther(absl::string_view why,
                            std::optional<absl::Duration> retry_after,
                            Verdict not_tried) const;

 private:
  int attempts_ = 0;
  std::optional<Verdict> last_;
  std::optional<Verdict> unknown_;  // the last whose fate is unknown
};

}  // namespace signal_delivery::client

#endif  // CLIENT_ATTEMPT_HISTORY_H_
