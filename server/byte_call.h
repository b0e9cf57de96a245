#ifndef SERVER_BYTE_CALL_H_
#define SERVER_BYTE_CALL_H_

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/call_threads.h"
#include "server/grpc_metrics.h"

namespace signal_delivery::server {

class ByteCall;

// A call of which nothing but the headers is there, from before it comes.
struct CallHeaders {
  CallHeaders(CallThreads& threads, CallThread& thread,
              GrpcMetrics::Method& method);

  // gRPC tells it of the end of a call that began.
  struct Ended final : CallEvent {
    ByteCall* call = nullptr;
    void OnEvent(bool ok) override;
  };

  CallThreads& threads;
  CallThread& thread;  // the call's
  GrpcMetrics::Method& method;
  Ended ended;
  grpc::ServerContext context;
  grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> stream{
      &context};
};

// One call, whose messages are bytes: the base of those that know what to do
// with them. gRPC's reactors for the threads of CallThreads: what is begun here
// ends in one of the functions below, on the thread of the call's queue. It
// begins with its headers; nothing is read before it is asked for.
//
// Start... and Finish are thread-safe, one read and one write at a time. Lives
// until OnDone, which deletes it.
class ByteCall {
 public:
  ByteCall(const ByteCall&) = delete;
  ByteCall& operator=(const ByteCall&) = delete;

  grpc::ServerContext& context() { return headers_->context; }
  // Does `work` on the thread of the call's queue, soon. Thread-safe; the call
  // must live until then.
  void Post(absl::AnyInvocable<void()> work) {
    headers_->thread.Post(std::move(work));
  }

 protected:
  explicit ByteCall(std::unique_ptr<CallHeaders> headers);
  virtual ~ByteCall();

  // The message is gRPC's until OnReadDone. Those that are written are copied.
  void StartRead(grpc::ByteBuffer* message);
  void StartWrite(const grpc::ByteBuffer& message);
  // Once, one of them. Nothing of the call may be touched thereafter but by
  // what follows.
  void Finish(const grpc::Status& status);
  void WriteAndFinish(const grpc::ByteBuffer& message,
                      const grpc::Status& status);
  // The same where the client has said that no more comes, or has gone: gRPC
  // does not know yet. If it has gone, the call counts as cancelled.
  void FinishIfThere(const grpc::Status& status);

  // False: the client will send no more, or has gone.
  virtual void OnReadDone(bool ok) = 0;
  virtual void OnWriteDone(bool /*ok*/) {}
  // Nobody waits for an answer any more; perhaps all was answered already.
  virtual void OnCancel() {}
  // The last.
  virtual void OnDone() { delete this; }

 private:
  friend struct CallHeaders;

  template <void (ByteCall::*kOnEvent)(bool)>
  class Event final : public CallEvent {
   public:
    explicit Event(ByteCall& call) : call_(call) {}
    // What gRPC gives back must be just what it was given.
    CallEvent* tag() { return this; }
    void OnEvent(bool ok) override { (call_.*kOnEvent)(ok); }

   private:
    ByteCall& call_;
  };

  // What the metrics are told: nobody was answered whose client has gone.
  void Count(grpc::StatusCode status);
  void OnReadEvent(bool ok);
  void OnWriteEvent(bool ok);
  void OnFinishEvent(bool ok);
  void OnEndEvent();
  void Release();

  const CallThreads::Use use_;
  const std::unique_ptr<CallHeaders> headers_;
  GrpcMetrics::Call measured_;
  Event<&ByteCall::OnReadEvent> read_{*this};
  Event<&ByteCall::OnWriteEvent> write_{*this};
  Event<&ByteCall::OnFinishEvent> finish_{*this};
  grpc::ByteBuffer* reading_ = nullptr;
  // How it counts, where that is not known before its end.
  std::optional<grpc::StatusCode> counts_as_;
  std::atomic<bool> is_cancelled_ = false;
  // The events to come: its end, the one after Finish, and those that were
  // begun.
  std::atomic<int> events_ = 2;
};

}  // namespace signal_delivery::server

#endif  // SERVER_BYTE_CALL_H_
