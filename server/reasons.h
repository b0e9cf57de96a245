#ifndef SERVER_REASONS_H_
#define SERVER_REASONS_H_

#include "absl/strings/string_view.h"
#include "client/verdict.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "mapping/mapper.h"

namespace signal_delivery::server {

// What a reason means and what to do about it. The one table of them all.
struct ReasonInfo {
  datafly::delivery::v1::Reason reason;
  datafly::delivery::v1::Outcome outcome;
  // For a person: what happened. Empty where the place that found out says it
  // better.
  absl::string_view detail;
  // What to do, in one sentence; empty where there is nothing to do.
  absl::string_view hint;
};

// `reason` is any but REASON_UNSPECIFIED.
const ReasonInfo& InfoOf(datafly::delivery::v1::Reason reason);

// The reason that goes with what the client found out.
datafly::delivery::v1::Reason ReasonOf(client::Verdict::Cause cause);

// The reason that goes with what mapping decided; REASON_UNSPECIFIED for an
// event that is, or is carried by, a batch.
datafly::delivery::v1::Reason ReasonOf(mapping::Fate fate);

}  // namespace signal_delivery::server

#endif  // SERVER_REASONS_H_
