#ifndef SERVER_STATUS_H_
#define SERVER_STATUS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace signal_delivery::server {

// Why a call fails as a whole. ERRORS.md has a section for each.
enum class CallFault {
  kUnreadableRequest,
  kInvalidIntegrationId,
  kNoEvents,
  kTooManyEvents,
  kNoSuchIntegration,
  kWaitExceedsDeadline,
  kTooMuchUnderWay,
  kUnknownCaller,
  kRevokedCertificate,
  kMethodNotAllowed,
  kIntegrationNotAllowed,
  kEventDebuggerOff,
  kInvalidFilter,
  kTooManyTails,
  kInvalidTimeout,
  kTooManyStreams,
};
inline constexpr int kCallFaults = 16;
// For a program, as ErrorInfo has it: "NO_EVENTS".
absl::string_view NameOf(CallFault fault);

// Errors of a whole call. Each carries its fault (ErrorInfo, in the domain
// "delivery.datafly").

// INVALID_ARGUMENT about one field of the request; "" for the whole of it.
absl::Status InvalidField(absl::string_view field, CallFault fault,
                          absl::string_view description);
// INVALID_ARGUMENT: the bytes are no message of the type that was expected.
absl::Status UnreadableRequest();
// NOT_FOUND: there is no integration of that id.
absl::Status NoSuchIntegration(absl::string_view integration_id);

// UNAUTHENTICATED: the call shows nothing by which a caller is known.
absl::Status UnknownCaller();
// UNAUTHENTICATED: the connection's certificate was taken back.
absl::Status RevokedCertificate();
// PERMISSION_DENIED: the caller is known, and may not do this.
absl::Status NotAllowed(CallFault fault, absl::string_view description);

// RESOURCE_EXHAUSTED: the service has no room for the call. The same call may
// be made again after `retry_after`.
absl::Status NoRoom(CallFault fault, absl::string_view description,
                    absl::Duration retry_after);

// FAILED_PRECONDITION: the service's file does not have the event debugger on.
absl::Status EventDebuggerOff();
// RESOURCE_EXHAUSTED: so many watch already.
absl::Status TooManyTails(size_t watching);

// RESOURCE_EXHAUSTED, with RetryInfo: so many streams are open already.
absl::Status TooManyStreams(size_t open);

// UNAVAILABLE: a stream ends, and what it did not answer was not begun.
// `because` says why.
absl::Status StreamEnds(absl::string_view because);

// What its ErrorInfo gives as the reason; "" where it has none.
std::string ErrorReasonOf(const absl::Status& status);

// When the call may be made again; nothing where that would not help.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The one place where a status of ours gets its form for callers, with its
// google.rpc details. `errors_page` is where they find ERRORS.md; the status
// links to the section about its fault.
google::rpc::Status ToRpcStatus(const absl::Status& status,
                                absl::string_view errors_page);

// The same as gRPC carries it for a call.
grpc::Status ToGrpcStatus(const absl::Status& status,
                          absl::string_view errors_page);

}  // namespace signal_delivery::server

#endif  // SERVER_STATUS_H_
