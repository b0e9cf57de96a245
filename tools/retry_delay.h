#ifndef TOOLS_RETRY_DELAY_H_
#define TOOLS_RETRY_DELAY_H_

#include <grpcpp/support/status.h>

#include <optional>

#include "absl/time/time.h"

namespace signal_delivery {

// When the same call may be made again, as the service told a caller whom it
// refused (google.rpc.RetryInfo). None where it did not say.
std::optional<absl::Duration> RetryDelay(const grpc::Status& status);

}  // namespace signal_delivery

#endif  // TOOLS_RETRY_DELAY_H_
