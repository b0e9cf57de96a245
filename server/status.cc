#include "server/status.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace signal_delivery::server {
namespace {

constexpr absl::string_view kDomain = "delivery.datafly";
constexpr absl::string_view kTypeUrlPrefix = "type.googleapis.com/";

// Streams last for minutes, but another replica may have room.
constexpr absl::Duration kRetryStream = absl::Seconds(1);

std::string UrlOf(const google::protobuf::Message& detail) {
  return absl::StrCat(kTypeUrlPrefix, detail.GetTypeName());
}

// Details travel in an absl::Status as payloads under their types' URLs.
void Attach(const google::protobuf::Message& detail, absl::Status& status) {
  status.SetPayload(UrlOf(detail), absl::Cord(detail.SerializeAsString()));
}

void AttachFault(CallFault fault, absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(NameOf(fault)));
  info.set_domain(std::string(kDomain));
  Attach(info, status);
}

void AttachRetryInfo(absl::Duration retry_after, absl::Status& status) {
  google::rpc::RetryInfo info;
  const int64_t seconds = absl::ToInt64Seconds(retry_after);
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(static_cast<int>(
      absl::ToInt64Nanoseconds(retry_after - absl::Seconds(seconds))));
  Attach(info, status);
}

// The detail of this type, if the status has one.
template <typename Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload =
      status.GetPayload(UrlOf(Detail::default_instance()));
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return detail;
}

void AddDetail(absl::string_view type_url, std::string bytes,
               google::rpc::Status& details) {
  google::protobuf::Any* detail = details.add_details();
  detail->set_type_url(std::string(type_url));
  detail->set_value(std::move(bytes));
}

google::rpc::Help HelpFor(const google::rpc::ErrorInfo& info,
                          absl::string_view errors_page) {
  google::rpc::Help help;
  google::rpc::Help::Link* link = help.add_links();
  link->set_description("What is behind it, and what to do");
  // As GitHub and its like name the section.
  link->set_url(
      absl::StrCat(errors_page, "#", absl::AsciiStrToLower(info.reason())));
  return help;
}

}  // namespace

absl::string_view NameOf(CallFault fault) {
  switch (fault) {
    case CallFault::kUnreadableRequest:
      return "UNREADABLE_REQUEST";
    case CallFault::kInvalidIntegrationId:
      return "INVALID_INTEGRATION_ID";
    case CallFault::kNoEvents:
      return "NO_EVENTS";
    case CallFault::kTooManyEvents:
      return "TOO_MANY_EVENTS";
    case CallFault::kNoSuchIntegration:
      return "NO_SUCH_INTEGRATION";
    case CallFault::kWaitExceedsDeadline:
      return "WAIT_EXCEEDS_DEADLINE";
    case CallFault::kTooMuchUnderWay:
      return "TOO_MUCH_UNDER_WAY";
    case CallFault::kUnknownCaller:
      return "UNKNOWN_CALLER";
    case CallFault::kRevokedCertificate:
      return "REVOKED_CERTIFICATE";
    case CallFault::kMethodNotAllowed:
      return "METHOD_NOT_ALLOWED";
    case CallFault::kIntegrationNotAllowed:
      return "INTEGRATION_NOT_ALLOWED";
    case CallFault::kEventDebuggerOff:
      return "EVENT_DEBUGGER_OFF";
    case CallFault::kInvalidFilter:
      return "INVALID_FILTER";
    case CallFault::kTooManyTails:
      return "TOO_MANY_TAILS";
    case CallFault::kInvalidTimeout:
      return "INVALID_TIMEOUT";
    case CallFault::kTooManyStreams:
      return "TOO_MANY_STREAMS";
  }
  return "";
}

absl::Status InvalidField(absl::string_view field, CallFault fault,
                          absl::string_view description) {
  absl::Status status = absl::InvalidArgumentError(
      absl::StrCat(field, field.empty() ? "" : ": ", description));
  AttachFault(fault, status);
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  Attach(bad_request, status);
  return status;
}

absl::Status UnreadableRequest() {
  return InvalidField("", CallFault::kUnreadableRequest,
                      "the request is not a protobuf message of its type");
}

absl::Status NoSuchIntegration(absl::string_view integration_id) {
  absl::Status status = absl::NotFoundError(
      absl::StrCat("there is no integration \"", integration_id,
                   "\"; its id is the name of its file without .yaml"));
  AttachFault(CallFault::kNoSuchIntegration, status);
  return status;
}

absl::Status UnknownCaller() {
  absl::Status status = absl::UnauthenticatedError(
      "the call shows no token, or else certificate, of a caller that the "
      "service knows");
  AttachFault(CallFault::kUnknownCaller, status);
  return status;
}

absl::Status RevokedCertificate() {
  absl::Status status = absl::UnauthenticatedError(
      "the connection's certificate is revoked; connect with a new one");
  AttachFault(CallFault::kRevokedCertificate, status);
  return status;
}

absl::Status NotAllowed(CallFault fault, absl::string_view description) {
  absl::Status status = absl::PermissionDeniedError(description);
  AttachFault(fault, status);
  return status;
}

absl::Status NoRoom(CallFault fault, absl::string_view description,
                    absl::Duration retry_after) {
  absl::Status status = absl::ResourceExhaustedError(description);
  AttachFault(fault, status);
  AttachRetryInfo(retry_after, status);
  return status;
}

absl::Status EventDebuggerOff() {
  absl::Status status = absl::FailedPreconditionError(
      "the event debugger is off; event_debugger: true in the service's file "
      "turns it on");
  AttachFault(CallFault::kEventDebuggerOff, status);
  return status;
}

absl::Status TooManyTails(size_t watching) {
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat(watching, " watch the events already; end one of them"));
  AttachFault(CallFault::kTooManyTails, status);
  return status;
}

absl::Status TooManyStreams(size_t open) {
  return NoRoom(CallFault::kTooManyStreams,
                absl::StrCat(open,
                             " streams are open already; use one for many "
                             "requests, or DeliverEvents"),
                kRetryStream);
}

absl::Status StreamEnds(absl::string_view because) {
  return absl::UnavailableError(absl::StrCat(
      because,
      "; nothing was done for requests without a response: send them "
      "on another stream"));
}

std::string ErrorReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload =
      status.GetPayload(UrlOf(google::rpc::ErrorInfo::default_instance()));
  google::rpc::ErrorInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) {
    return "";
  }
  return info.reason();
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::RetryInfo>(status);
  if (!info.has_value()) return std::nullopt;
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

google::rpc::Status ToRpcStatus(const absl::Status& status,
                                absl::string_view errors_page) {
  google::rpc::Status details;
  // absl's codes are gRPC's.
  details.set_code(status.raw_code());
  details.set_message(std::string(status.message()));
  status.ForEachPayload(
      [&](absl::string_view type_url, const absl::Cord& payload) {
        AddDetail(type_url, std::string(payload), details);
      });
  if (const auto info = DetailOf<google::rpc::ErrorInfo>(status)) {
    const google::rpc::Help help = HelpFor(*info, errors_page);
    AddDetail(UrlOf(help), help.SerializeAsString(), details);
  }
  return details;
}

grpc::Status ToGrpcStatus(const absl::Status& status,
                          absl::string_view errors_page) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status details = ToRpcStatus(status, errors_page);
  return grpc::Status(static_cast<grpc::StatusCode>(details.code()),
                      details.message(), details.SerializeAsString());
}

}  // namespace signal_delivery::server
