#include "server/incoming_call.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::server {

void IncomingCall::Read(Handle handle) {
  handle_ = std::move(handle);
  number_ = shared_.unfinished.Add([this](UnfinishedRequests::Why why) {
    // What came so far is freed with this.
    if (why == UnfinishedRequests::Why::kTooManyAreSlow) {
      return Finish({grpc::StatusCode::RESOURCE_EXHAUSTED,
                     "too many requests come slowly, and this one for longest; "
                     "nothing was done for it"});
    }
    Finish({grpc::StatusCode::DEADLINE_EXCEEDED,
            absl::StrCat("the request was not there after ",
                         absl::FormatDuration(shared_.unfinished.patience()))});
  });
  StartRead(&request_);
}

void IncomingCall::OnReadDone(bool ok) {
  if (!shared_.unfinished.Remove(number_)) return;
  if (!ok) {
    has_no_request_ = true;
    CountIfReset();
    return FinishIfThere(
        {grpc::StatusCode::INVALID_ARGUMENT, "the call has no request"});
  }
  handle_(request_);
  request_.Clear();
}

void IncomingCall::OnCancel() {
  is_cancelled_ = true;
  CountIfReset();
  cancellation_.request_stop();
}

void IncomingCall::CountIfReset() {
  if (has_no_request_ && is_cancelled_) shared_.on_reset(context().peer());
}

}  // namespace signal_delivery::server
