#include "server/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace signal_delivery::server {
namespace {

constexpr absl::string_view kDomain = "delivery.datafly";
constexpr absl::string_view kTypeUrlPrefix = "type.googleapis.com/";

std::string UrlOf(const google::protobuf::Message& detail) {
  return absl::StrCat(kTypeUrlPrefix, detail.GetTypeName());
}

// Details travel in an absl::Status as payloads under their types' URLs.
void Attach(const google::protobuf::Message& detail, absl::Status& status) {
  status.SetPayload(UrlOf(detail), absl::Cord(detail.SerializeAsString()));
}

void AttachReason(absl::string_view reason, absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
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

}  // namespace

absl::Status InvalidField(absl::string_view field, absl::string_view reason,
                          absl::string_view description) {
  absl::Status status = absl::InvalidArgumentError(
      absl::StrCat(field, field.empty() ? "" : ": ", description));
  AttachReason(reason, status);
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  Attach(bad_request, status);
  return status;
}

absl::Status NoSuchIntegration(absl::string_view integration_id) {
  absl::Status status = absl::NotFoundError(
      absl::StrCat("there is no integration \"", integration_id,
                   "\"; its id is the name of its file without .yaml"));
  AttachReason("NO_SUCH_INTEGRATION", status);
  return status;
}

absl::Status NoRoom(absl::string_view reason, absl::string_view description,
                    absl::Duration retry_after) {
  absl::Status status = absl::ResourceExhaustedError(description);
  AttachReason(reason, status);
  AttachRetryInfo(retry_after, status);
  return status;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload =
      status.GetPayload(UrlOf(google::rpc::RetryInfo::default_instance()));
  google::rpc::RetryInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // absl's codes are gRPC's.
  const auto code = static_cast<grpc::StatusCode>(status.raw_code());
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(std::string(status.message()));
  status.ForEachPayload(
      [&](absl::string_view type_url, const absl::Cord& payload) {
        google::protobuf::Any* detail = details.add_details();
        detail->set_type_url(std::string(type_url));
        detail->set_value(std::string(payload));
      });
  return grpc::Status(code, details.message(), details.SerializeAsString());
}

}  // namespace signal_delivery::server
