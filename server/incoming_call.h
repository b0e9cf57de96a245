#ifndef SERVER_INCOMING_CALL_H_
#define SERVER_INCOMING_CALL_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "grpcpp/grpcpp.h"
#include "server/admission.h"
#include "server/unfinished_requests.h"

namespace signal_delivery::server {

// A call with one request and one response, both as bytes. gRPC's own unary
// calls begin when their request is there, however long that takes and whoever
// makes them; this one begins with its headers, and its request is read when it
// is asked for.
//
// Lives until gRPC's last word about it. Thread-safe as gRPC's reactors are.
class IncomingCall final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  // Told who began a call and reset it before its request was there.
  using OnReset = std::function<void(const std::string& peer)>;

  // Borrows all four.
  IncomingCall(grpc::CallbackServerContext& context, grpc::ByteBuffer& response,
               UnfinishedRequests& unfinished, const OnReset& on_reset)
      : context_(context),
        response_(response),
        unfinished_(unfinished),
        on_reset_(on_reset) {}

  grpc::CallbackServerContext& context() { return context_; }

  // Reads the request and calls `handle` with it, which brings about a Finish.
  // Where the request does not come, finishes by itself.
  void Read(std::function<void(const grpc::ByteBuffer& request)> handle);

  // Where the answer goes.
  grpc::ByteBuffer* response() { return &response_; }
  // What the call holds until its end.
  void Hold(Admission::Permit permit) { permit_.emplace(std::move(permit)); }
  // Stopped once nobody waits for an answer any more.
  std::stop_token cancellation() const { return cancellation_.get_token(); }

  void OnReadDone(bool ok) override;
  void OnCancel() override { cancellation_.request_stop(); }
  void OnDone() override { delete this; }

 private:
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  UnfinishedRequests& unfinished_;
  const OnReset& on_reset_;

  std::function<void(const grpc::ByteBuffer&)> handle_;
  grpc::ByteBuffer request_;
  uint64_t number_ = 0;  // among the unfinished
  std::optional<Admission::Permit> permit_;
  std::stop_source cancellation_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_INCOMING_CALL_H_
