#include "tools/torture_driver/shared_stream.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/duration.pb.h"

namespace signal_delivery::torture {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::DeliverStreamRequest;
using ::datafly::delivery::v1::DeliverStreamResponse;

// Often enough to see many, and long before the service ends one for its age.
constexpr absl::Duration kLongestUse = absl::Seconds(30);
// A request counts from when the service reads it, which may be late where many
// are under way or the machine is busy. Later is never.
constexpr absl::Duration kMostLate = absl::Seconds(20);

DeliverStreamRequest ToStreamed(const DeliverEventsRequest& request,
                                uint64_t request_id, absl::Duration timeout) {
  DeliverStreamRequest streamed;
  streamed.set_integration_id(request.integration_id());
  *streamed.mutable_events() = request.events();
  streamed.set_request_id(request_id);
  const int64_t seconds = absl::ToInt64Seconds(timeout);
  streamed.mutable_timeout()->set_seconds(seconds);
  streamed.mutable_timeout()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(timeout - absl::Seconds(seconds))));
  return streamed;
}

}  // namespace

// From its opening to its end.
class SharedStream::Stream {
 public:
  explicit Stream(Service::Stub& stub)
      : begun_(absl::Now()),
        wire_(stub.DeliverStream(&context_)),
        reader_([this] { ReadAll(); }) {}

  ~Stream() {
    context_.TryCancel();
    reader_.join();
  }

  bool TakesMore() {
    const std::lock_guard lock(mutex_);
    return !end_.has_value() && absl::Now() - begun_ < kLongestUse;
  }

  void HalfClose() {
    const std::lock_guard lock(writing_);
    if (std::exchange(is_half_closed_, true)) return;
    wire_->WritesDone();
  }

  // nullopt: it takes no more requests, and this was not sent.
  std::optional<grpc::Status> Deliver(const DeliverStreamRequest& request,
                                      absl::Duration patience,
                                      DeliverEventsResponse& response) {
    Awaited awaited{response};
    {
      const std::lock_guard lock(writing_);
      if (is_half_closed_) return std::nullopt;
      {
        const std::lock_guard lock(mutex_);
        if (end_.has_value()) return std::nullopt;
        awaited_[request.request_id()] = &awaited;
      }
      // Where it fails, the reader learns why.
      wire_->Write(request);
    }
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, absl::ToChronoMilliseconds(patience),
                       [&] { return awaited.status.has_value(); });
    awaited_.erase(request.request_id());
    return awaited.status.value_or(grpc::Status(
        grpc::StatusCode::INTERNAL, "a stream has no response for a request"));
  }

 private:
  struct Awaited {
    DeliverEventsResponse& response;
    std::optional<grpc::Status> status;
  };

  void ReadAll() {
    DeliverStreamResponse streamed;
    while (wire_->Read(&streamed)) OnResponse(streamed);
    // Whoever still writes sees that it has ended.
    const std::lock_guard writing(writing_);
    grpc::Status end = wire_->Finish();
    const std::lock_guard lock(mutex_);
    end_ = end;
    if (end.ok()) {
      end = grpc::Status(grpc::StatusCode::DATA_LOSS,
                         "a stream ended well without all responses");
    }
    for (const auto& [id, awaited] : awaited_) awaited->status = end;
    answered_.notify_all();
  }

  void OnResponse(DeliverStreamResponse& streamed) {
    const std::lock_guard lock(mutex_);
    const auto found = awaited_.find(streamed.request_id());
    if (found == awaited_.end()) return;
    Awaited& awaited = *found->second;
    if (streamed.has_error()) {
      awaited.status = grpc::Status(
          static_cast<grpc::StatusCode>(streamed.error().code()),
          streamed.error().message(), streamed.error().SerializeAsString());
    } else {
      awaited.response.Swap(streamed.mutable_response());
      awaited.status = grpc::Status::OK;
    }
    awaited_.erase(found);
    answered_.notify_all();
  }

  const absl::Time begun_;
  grpc::ClientContext context_;
  const std::unique_ptr<
      grpc::ClientReaderWriter<DeliverStreamRequest, DeliverStreamResponse>>
      wire_;
  std::mutex writing_;  // before mutex_
  bool is_half_closed_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable answered_;
  std::map<uint64_t, Awaited*> awaited_;  // by request_id
  std::optional<grpc::Status> end_;

  std::thread reader_;
};

SharedStream::SharedStream(std::unique_ptr<Service::Stub> stub)
    : stub_(std::move(stub)) {}

SharedStream::~SharedStream() = default;

grpc::Status SharedStream::Deliver(const DeliverEventsRequest& request,
                                   absl::Duration timeout,
                                   DeliverEventsResponse& response) {
  DeliverStreamRequest streamed;
  {
    const std::lock_guard lock(mutex_);
    streamed = ToStreamed(request, ++last_request_id_, timeout);
  }
  while (true) {
    const std::optional<grpc::Status> status =
        Current()->Deliver(streamed, timeout + kMostLate, response);
    if (status.has_value()) return *status;
  }
}

std::shared_ptr<SharedStream::Stream> SharedStream::Current() {
  std::shared_ptr<Stream> old;
  std::shared_ptr<Stream> current;
  {
    const std::lock_guard lock(mutex_);
    if (current_ == nullptr || !current_->TakesMore()) {
      old = std::exchange(current_, std::make_shared<Stream>(*stub_));
    }
    current = current_;
  }
  // Whoever waits for a response keeps it until it has ended.
  if (old != nullptr) old->HalfClose();
  return current;
}

}  // namespace signal_delivery::torture
