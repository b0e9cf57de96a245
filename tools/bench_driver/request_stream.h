#ifndef TOOLS_BENCH_DRIVER_REQUEST_STREAM_H_
#define TOOLS_BENCH_DRIVER_REQUEST_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "tools/bench_driver/queue_event.h"

namespace signal_delivery::bench {

// One DeliverStream call: sends requests and hears of their answers, which come
// in any order. One that ends before it is cancelled ends the program with an
// error: there is nothing to measure. Not thread-safe; its events are those of
// its queue.
class RequestStream {
 public:
  // What became of a request; its response where the status is OK.
  using Answered = std::function<void(
      uint64_t request, const grpc::Status& status,
      const datafly::delivery::v1::DeliverEventsResponse& response)>;

  // Must live until it is over.
  RequestStream(grpc::GenericStub& stub, grpc::CompletionQueue& queue,
                Answered answered);

  // `wire` is a DeliverEventsRequest. No two that are under way have the same
  // number.
  void Send(uint64_t request, const grpc::ByteBuffer& wire);

  // Forgets what is under way.
  void Cancel();
  // Nothing more of it comes from the queue.
  bool is_over() const { return is_finished_ && !is_writing_; }

 private:
  void OnStarted(bool ok);
  void OnWritten(bool ok);
  void OnRead(bool ok);
  void OnFinished(bool ok);
  void WriteNext();
  [[noreturn]] static void Abandon(const std::string& why);

  const Answered answered_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  MemberEvent<RequestStream, &RequestStream::OnStarted> started_{*this};
  MemberEvent<RequestStream, &RequestStream::OnWritten> written_{*this};
  MemberEvent<RequestStream, &RequestStream::OnRead> read_{*this};
  MemberEvent<RequestStream, &RequestStream::OnFinished> finished_{*this};
  bool is_writing_ = true;  // or it has not started
  std::deque<grpc::ByteBuffer> to_write_;
  std::set<uint64_t> under_way_;
  grpc::ByteBuffer message_;
  grpc::Status status_;  // once it is finished
  bool is_cancelled_ = false;
  bool is_finished_ = false;
};

}  // namespace signal_delivery::bench

#endif  // TOOLS_BENCH_DRIVER_REQUEST_STREAM_H_
