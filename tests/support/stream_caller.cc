#include "tests/support/stream_caller.h"

#include <utility>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/codegen/rpc_method.h"

namespace signal_delivery::support {
namespace {

constexpr char kService[] = "/datafly.delivery.v1.DeliveryService/";

}  // namespace

datafly::delivery::v1::DeliverStreamRequest StreamRequest(
    uint64_t request_id,
    std::initializer_list<datafly::signal::v1::Event> events,
    const std::string& integration) {
  datafly::delivery::v1::DeliverStreamRequest request;
  request.set_request_id(request_id);
  request.set_integration_id(integration);
  request.mutable_events()->Add(events.begin(), events.end());
  return request;
}

std::string ReasonOf(const google::rpc::Status& error) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : error.details()) detail.UnpackTo(&info);
  return info.reason();
}

StreamCaller::StreamCaller(const std::shared_ptr<grpc::Channel>& channel,
                           const std::map<std::string, std::string>& headers,
                           const std::string& method, absl::Duration time)
    : path_(kService + method) {
  if (time != absl::InfiniteDuration()) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + time));
  }
  for (const auto& [name, value] : headers) context_.AddMetadata(name, value);
  stream_.reset(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, Response>::
          Create(channel.get(),
                 grpc::internal::RpcMethod(
                     path_.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING,
                     channel),
                 &context_));
}

StreamCaller::~StreamCaller() {
  if (has_ended_) return;
  Cancel();
  End();
}

bool StreamCaller::Send(
    const datafly::delivery::v1::DeliverStreamRequest& request) {
  return SendBytes(request.SerializeAsString());
}

bool StreamCaller::SendBytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return stream_->Write(grpc::ByteBuffer(&slice, 1));
}

std::optional<StreamCaller::Response> StreamCaller::Read() {
  Response response;
  if (!stream_->Read(&response)) return std::nullopt;
  return response;
}

std::map<uint64_t, StreamCaller::Response> StreamCaller::ReadAll() {
  std::map<uint64_t, Response> all;
  while (std::optional<Response> response = Read()) {
    const uint64_t id = response->request_id();
    all.emplace(id, *std::move(response));
  }
  return all;
}

grpc::Status StreamCaller::End() {
  has_ended_ = true;
  while (Read().has_value()) {
  }
  return stream_->Finish();
}

}  // namespace signal_delivery::support
