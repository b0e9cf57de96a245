#include "tools/bench_driver/request_stream.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace signal_delivery::bench {
namespace {

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

void RequestStream::Cancel() {
  is_cancelled_ = true;
  to_write_.clear();
  context_.TryCancel();
}

void RequestStream::WriteNext() {
  if (is_writing_ || to_write_.empty()) return;
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
  if (!ok) return call_->Finish(&status_, finished_.tag());
  DeliverStreamResponse answer;
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, DeliverStreamResponse>(
           &message_, &answer)
           .ok() ||
      under_way_.erase(answer.request_id()) == 0) {
    Abandon("an answer that belongs to no request");
  }
  call_->Read(&message_, read_.tag());
  if (is_cancelled_) return;
  answered_(answer.request_id(),
            grpc::Status(static_cast<grpc::StatusCode>(answer.error().code()),
                         answer.error().message()),
            answer.response());
}

void RequestStream::OnFinished(bool /*ok*/) {
  if (!is_cancelled_) {
    Abandon(absl::StrCat("it ended with status ",
                         static_cast<int>(status_.error_code()), ": ",
                         status_.error_message()));
  }
  is_finished_ = true;
}

void RequestStream::Abandon(const std::string& why) {
  std::fprintf(stderr, "DeliverStream: %s\n", why.c_str());
  std::exit(2);
}

}  // namespace signal_delivery::bench
