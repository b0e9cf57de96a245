#include "server/byte_call.h"

#include <utility>

namespace signal_delivery::server {

CallHeaders::CallHeaders(CallThreads& threads, CallThread& thread,
                         GrpcMetrics::Method& method)
    : threads(threads), thread(thread), method(method) {
  context.AsyncNotifyWhenDone(static_cast<CallEvent*>(&ended));
}

void CallHeaders::Ended::OnEvent(bool /*ok*/) { call->OnEndEvent(); }

ByteCall::ByteCall(std::unique_ptr<CallHeaders> headers)
    : use_(headers->threads),
      headers_(std::move(headers)),
      measured_(headers_->method) {
  headers_->ended.call = this;
}

ByteCall::~ByteCall() = default;

void ByteCall::StartRead(grpc::ByteBuffer* message) {
  events_.fetch_add(1, std::memory_order_relaxed);
  reading_ = message;
  headers_->stream.Read(message, read_.tag());
}

void ByteCall::StartWrite(const grpc::ByteBuffer& message) {
  events_.fetch_add(1, std::memory_order_relaxed);
  measured_.OnSent(message.Length());
  headers_->stream.Write(message, write_.tag());
}

void ByteCall::Finish(const grpc::Status& status) {
  Count(status.error_code());
  headers_->stream.Finish(status, finish_.tag());
}

void ByteCall::WriteAndFinish(const grpc::ByteBuffer& message,
                              const grpc::Status& status) {
  measured_.OnSent(message.Length());
  Count(status.error_code());
  headers_->stream.WriteAndFinish(message, grpc::WriteOptions(), status,
                                  finish_.tag());
}

void ByteCall::FinishIfThere(const grpc::Status& status) {
  measured_.Stop();
  counts_as_ = status.error_code();
  headers_->stream.Finish(status, finish_.tag());
}

void ByteCall::Count(grpc::StatusCode status) {
  measured_.End(is_cancelled_ ? grpc::StatusCode::CANCELLED : status);
}

void ByteCall::OnReadEvent(bool ok) {
  if (ok) measured_.OnReceived(reading_->Length());
  OnReadDone(ok);
  Release();
}

void ByteCall::OnWriteEvent(bool ok) {
  OnWriteDone(ok);
  Release();
}

void ByteCall::OnFinishEvent(bool /*ok*/) { Release(); }

void ByteCall::OnEndEvent() {
  if (headers_->context.IsCancelled()) {
    is_cancelled_ = true;
    OnCancel();
  }
  Release();
}

void ByteCall::Release() {
  if (events_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (counts_as_.has_value()) Count(*counts_as_);
  OnDone();
}

}  // namespace signal_delivery::server
