#ifndef SERVER_INCOMING_STREAM_H_
#define SERVER_INCOMING_STREAM_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "grpcpp/support/byte_buffer.h"
#include "server/admission.h"
#include "server/byte_call.h"
#include "server/incoming_call.h"

namespace signal_delivery::server {

// How many requests of one stream are under way at most. mParticle's 270
// batches a second, where each takes 200 ms, are 54 at a time; and one stream
// stays below the 100 calls of a connection.
inline constexpr size_t kMaxUnderWayPerStream = 64;

// A call with many requests, each with one response, all as bytes. Takes them
// in one by one, in the order in which they come, and answers in the order in
// which the answers are there. While kMaxUnderWayPerStream are under way, it
// does not read: what the client sends further is held back by HTTP/2. A
// request is under way until gRPC has taken its response, so that a client that
// does not read is not read from.
//
// Ends when the client has sent all its requests, or End() was called, and all
// that are under way are answered. Knows nothing of what requests mean.
//
// Lives until gRPC's last word about it. Thread-safe as ByteCall is.
class IncomingStream final : public ByteCall {
 public:
  // One request of the stream, from when it came to its answer.
  class Request {
   public:
    // Stopped once nobody waits for an answer any more.
    std::stop_token cancellation() const {
      return stream_.cancellation_.get_token();
    }
    std::chrono::steady_clock::time_point came_at() const { return came_at_; }
    // What the request holds until its response is written.
    void Hold(Admission::Permit permit) { permit_.emplace(std::move(permit)); }

    // One of the two, once, on any thread; the request is gone then.
    void Answer(const grpc::ByteBuffer& response);
    // Nobody can tell which request it was: as End() of its stream.
    void EndStream(const grpc::Status& status);

   private:
    friend class IncomingStream;
    explicit Request(IncomingStream& stream) : stream_(stream) {}

    IncomingStream& stream_;
    const std::chrono::steady_clock::time_point came_at_ =
        std::chrono::steady_clock::now();
    std::optional<Admission::Permit> permit_;
    grpc::ByteBuffer response_;
  };

  // Brings about the request's Answer or EndStream.
  using Handle =
      std::function<void(Request& request, const grpc::ByteBuffer& bytes)>;
  // Told who began a stream that was refused, or reset it before its first
  // request was there.
  using OnReset = IncomingCall::OnReset;
  // Told when the stream is about to go.
  using OnGone = std::function<void(IncomingStream& stream)>;

  // Borrows `on_reset`.
  IncomingStream(std::unique_ptr<CallHeaders> headers, const OnReset& on_reset,
                 OnGone on_gone)
      : ByteCall(std::move(headers)),
        on_reset_(on_reset),
        on_gone_(std::move(on_gone)) {}

  // Instead of Start: ends with `status`, and counts as reset. Now, and not
  // where it is: under many resets gRPC tells of them seconds later.
  void Refuse(const grpc::Status& status);

  // Begins to read. Once.
  void Start(Handle handle);

  // Reads no more; ends with `status` when all that are under way are answered.
  // Of several ends the first counts.
  void End(const grpc::Status& status);

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // Does what is to be done next, and gives the lock back last of all: whoever
  // is not called by gRPC finds the stream gone afterwards.
  void GoOn(std::unique_lock<std::mutex> lock);
  // The rest with the lock held.
  void Write();
  void SetEnd(const grpc::Status& status);

  const OnReset& on_reset_;
  const OnGone on_gone_;
  Handle handle_;
  std::stop_source cancellation_;
  grpc::ByteBuffer incoming_;  // gRPC's while reading_

  std::mutex mutex_;  // guards what follows
  bool reading_ = false;
  bool may_count_as_reset_ = true;  // once, and only before a request is read
  bool is_cancelled_ = false;
  bool is_finished_ = false;
  size_t under_way_ = 0;
  // It sends no more, or has gone: that is told later.
  bool client_ended_ = false;
  // Where no more is read: how the stream ends.
  std::optional<grpc::Status> end_;
  std::unique_ptr<Request> written_;               // gRPC's while there is one
  std::deque<std::unique_ptr<Request>> answered_;  // the next first
};

}  // namespace signal_delivery::server

#endif  // SERVER_INCOMING_STREAM_H_
