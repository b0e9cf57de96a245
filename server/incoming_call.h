#ifndef SERVER_INCOMING_CALL_H_
#define SERVER_INCOMING_CALL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "grpcpp/support/byte_buffer.h"
#include "server/admission.h"
#include "server/byte_call.h"
#include "server/unfinished_requests.h"

namespace signal_delivery::server {

// A call with one request, which is read when it is asked for, and one response
// or, in classes that are made of this one, several.
//
// Lives until gRPC's last word about it. Thread-safe as ByteCall is.
class IncomingCall : public ByteCall {
 public:
  // Told who began a call and reset it before its request was there.
  using OnReset = std::function<void(const std::string& peer)>;

  // What calls share. Outlives them.
  struct Shared {
    UnfinishedRequests unfinished;
    OnReset on_reset;
  };

  IncomingCall(std::unique_ptr<CallHeaders> headers, Shared& shared)
      : ByteCall(std::move(headers)), shared_(shared) {}

  using Handle = std::function<void(const grpc::ByteBuffer& request)>;
  // Reads the request and calls `handle` with it, on the thread of the call's
  // queue; it brings about one of the ends below. Where the request does not
  // come, ends by itself.
  void Read(Handle handle);

  void Answer(const grpc::ByteBuffer& response) {
    WriteAndFinish(response, grpc::Status::OK);
  }
  void Fail(const grpc::Status& status) { Finish(status); }

  // What the call holds until its end.
  void Hold(Admission::Permit permit) { permit_.emplace(std::move(permit)); }
  // Stopped once nobody waits for an answer any more.
  std::stop_token cancellation() const { return cancellation_.get_token(); }

 protected:
  void OnCancel() override;

 private:
  void OnReadDone(bool ok) final;
  void CountIfReset();

  Shared& shared_;
  Handle handle_;
  grpc::ByteBuffer request_;
  uint64_t number_ = 0;  // among the unfinished
  // Both together: its client reset it. gRPC tells of either first.
  bool has_no_request_ = false;
  bool is_cancelled_ = false;
  std::optional<Admission::Permit> permit_;
  std::stop_source cancellation_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_INCOMING_CALL_H_
