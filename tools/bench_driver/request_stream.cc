#include "tools/bench_driver/request_stream.h"

#include <string>
#include <utility>
#include <vector>

#include "grpcpp/impl/codegen/proto_utils.h"

namespace signal_delivery::bench {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::DeliverStreamRequest;
using ::datafly::delivery::v1::DeliverStreamResponse;

constexpr char kMethod[] = "/datafly.delivery.v1.DeliveryService/DeliverStream";

// The request of a stream: what a call's is, and its number behind it.
grpc::ByteBuffer WithNumber(const grpc::ByteBuffer& wire, uint64_t number) {
  std::vector<grpc::Slice> slices;
  wire.Dump(&slices);
  DeliverStreamRequest rest;
  rest.set_request_id(number);
  slices.emplace_back(rest.SerializeAsString());
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace

RequestStream::RequestStream(grpc::GenericStub& stub,
                             grpc::CompletionQueue& queue, Answered answered)
    : answered_(std::move(answered)),
      call_(stub.PrepareCall(&context_, kMethod, &queue)) {
  call_->StartCall(started_.tag());
}

void RequestStream::Send(uint64_t request, const grpc::ByteBuffer& wire) {
  under_way_.insert(request);
  to_write_.push_back(WithNumber(wire, request));
  WriteNext();
}

void RequestStream::Cancel() { context_.TryCancel(); }

void RequestStream::WriteNext() {
  if (is_writing_ || has_ended_ || to_write_.empty()) return;
  is_writing_ = true;
  call_->Write(to_write_.front(), written_.tag());
  to_write_.pop_front();
}

void RequestStream::OnStarted(bool ok) {
  is_writing_ = false;
  call_->Read(&message_, read_.tag());
  if (ok) WriteNext();
}

// Where it could not be written the read hears of the stream's end.
void RequestStream::OnWritten(bool ok) {
  is_writing_ = false;
  if (ok) WriteNext();
}

void RequestStream::OnRead(bool ok) {
  if (!ok) {
    has_ended_ = true;
    return call_->Finish(&status_, finished_.tag());
  }
  DeliverStreamResponse answer;
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, DeliverStreamResponse>(
           &message_, &answer)
           .ok()) {
    return Cancel();
  }
  call_->Read(&message_, read_.tag());
  if (under_way_.erase(answer.request_id()) == 0) return Cancel();
  answered_(answer.request_id(),
            grpc::Status(static_cast<grpc::StatusCode>(answer.error().code()),
                         answer.error().message()),
            answer.response());
}

void RequestStream::OnFinished(bool) {
  is_over_ = true;
  for (const uint64_t request : std::exchange(under_way_, {})) {
    answered_(request,
              status_.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE,
                                          "the stream has ended")
                           : status_,
              DeliverEventsResponse());
  }
}

}  // namespace signal_delivery::bench
