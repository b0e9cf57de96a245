#ifndef SERVER_STATUS_H_
#define SERVER_STATUS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace signal_delivery::server {

// Errors of a whole call. Each carries a reason for a program (ErrorInfo, in
// the domain "delivery.datafly").

// INVALID_ARGUMENT about one field of the request; "" for the whole of it.
absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description);
// NOT_FOUND: there is no integration of that id.
absl::Status NoSuchIntegration(absl::string_view integration_id);

// RESOURCE_EXHAUSTED: the service has no room for the call. The same call may
// be made again after `retry_after`.
absl::Status NoRoom(absl::string_view reason, absl::string_view description,
                    absl::Duration retry_after);

// When the call may be made again; nothing where that would not help.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The one place where a status of ours becomes a status of gRPC, with its
// google.rpc details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace signal_delivery::server

#endif  // SERVER_STATUS_H_
