#include "server/incoming_call.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::server {

void IncomingCall::Read(std::function<void(const grpc::ByteBuffer&)> handle) {
  handle_ = std::move(handle);
  number_ = unfinished_.Add([this](UnfinishedRequests::Why why) {
    // What came so far is freed with this.
    if (why == UnfinishedRequests::Why::kTooManyAreSlow) {
      return Finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
                     "too many requests come slowly, and this one for longest; "
                     "nothing was done for it"});
    }
    Finish({grpc::StatusCode::DEADLINE_EXCEEDED,
            absl::StrCat("the request was not there after ",
                         absl::FormatDuration(unfinished_.patience()))});
  });
  StartRead(&request_);
}

void IncomingCall::OnReadDone(bool ok) {
  if (!unfinished_.Remove(number_)) return;
  if (!ok && context_.IsCancelled()) {
    on_reset_(context_.peer());
    return Finish(grpc::Status::CANCELLED);
  }
  if (!ok) {
    return Finish(
        {grpc::StatusCode::INVALID_ARGUMENT, "the call has no request"});
  }
  handle_(request_);
  request_.Clear();
}

}  // namespace signal_delivery::server
