#include "server/incoming_stream.h"

#include <utility>

namespace signal_delivery::server {

void IncomingStream::Request::Answer(const grpc::ByteBuffer& response) {
  response_ = response;
  IncomingStream& stream = stream_;
  std::unique_lock lock(stream.mutex_);
  stream.answered_.emplace_back(this);
  stream.GoOn(std::move(lock));
}

void IncomingStream::Request::EndStream(const grpc::Status& status) {
  const std::unique_ptr<Request> self(this);
  IncomingStream& stream = stream_;
  std::unique_lock lock(stream.mutex_);
  stream.SetEnd(status);
  --stream.under_way_;
  stream.GoOn(std::move(lock));
}

void IncomingStream::Refuse(const grpc::Status& status) {
  on_reset_(context().peer());
  std::unique_lock lock(mutex_);
  may_count_as_reset_ = false;
  SetEnd(status);
  GoOn(std::move(lock));
}

void IncomingStream::Start(Handle handle) {
  handle_ = std::move(handle);
  GoOn(std::unique_lock(mutex_));
}

void IncomingStream::End(const grpc::Status& status) {
  std::unique_lock lock(mutex_);
  SetEnd(status);
  GoOn(std::move(lock));
}

void IncomingStream::OnReadDone(bool ok) {
  grpc::ByteBuffer bytes;
  Request* request = nullptr;
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    if (!ok) {
      client_ended_ = !end_.has_value();
      SetEnd(grpc::Status::OK);
    }
    bytes.Swap(&incoming_);
    // What comes when the stream is ending has come too late: nothing is done
    // for it.
    if (ok && !end_.has_value()) {
      may_count_as_reset_ = false;
      ++under_way_;
      request = new Request(*this);
    }
  }
  if (request != nullptr) handle_(*request, bytes);
  GoOn(std::unique_lock(mutex_));
}

void IncomingStream::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  written_ = nullptr;
  --under_way_;
  if (!ok) is_cancelled_ = true;
  GoOn(std::move(lock));
}

void IncomingStream::OnCancel() {
  cancellation_.request_stop();
  std::unique_lock lock(mutex_);
  if (may_count_as_reset_) on_reset_(context().peer());
  is_cancelled_ = true;
  SetEnd(grpc::Status::CANCELLED);
  GoOn(std::move(lock));
}

void IncomingStream::OnDone() {
  on_gone_(*this);
  delete this;
}

void IncomingStream::GoOn(std::unique_lock<std::mutex> lock) {
  if (is_finished_) return;
  if (is_cancelled_) {
    under_way_ -= answered_.size();
    answered_.clear();
  }
  if (written_ == nullptr && !answered_.empty()) Write();
  if (!end_.has_value()) {
    if (!reading_ && under_way_ < kMaxUnderWayPerStream) {
      reading_ = true;
      StartRead(&incoming_);
    }
    return;
  }
  if (under_way_ > 0) return;
  is_finished_ = true;
  const grpc::Status status = *end_;
  const bool client_ended = client_ended_;
  lock.unlock();
  if (client_ended) {
    FinishIfThere(status);
  } else {
    Finish(status);
  }
}

void IncomingStream::Write() {
  written_ = std::move(answered_.front());
  answered_.pop_front();
  StartWrite(written_->response_);
}

void IncomingStream::SetEnd(const grpc::Status& status) {
  if (!end_.has_value()) end_ = status;
}

}  // namespace signal_delivery::server
