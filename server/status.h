#ifndef SERVER_STATUS_H_
#define SERVER_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace signal_delivery::server {

// Errors of a whole call. Each carries a reason for a program (ErrorInfo, in
// the domain "delivery.datafly").

// INVALID_ARGUMENT about one field of the request; "" for the whole of it.
absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description);
// NOT_FOUND: there is no integration of that id.
absl::Status NoSuchIntegration(absl::string_view integration_id);

// The one place where a status of ours becomes a status of gRPC, with its
// google.rpc details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace signal_delivery::server

#endif  // SERVER_STATUS_H_
