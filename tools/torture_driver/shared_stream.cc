#include "tools/torture_driver/shared_stream.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/time_util.h"

namespace signal_delivery::torture {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::DeliverStreamRequest;
using ::datafly::delivery::v1::DeliverStreamResponse;

// By then one that was half-closed after kLongestUse has answered its last
// request. A service that stops reading, or does not end it, is found so.
constexpr absl::Duration kLongestLife = absl::Seconds(90);
// A replica that is down ends each at once.
constexpr int kMostTries = 3;

grpc::Status Lie(const std::string& what) {
  return {grpc::StatusCode::DATA_LOSS, what};
}

// What those who wait for a response are told.
grpc::Status WithoutResponse(const grpc::Status& end) {
  switch (end.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
      return end;
    case grpc::StatusCode::OK:
      return Lie("a stream ended well without all responses");
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Lie("a stream that is half-closed does not end");
    default:
      return Lie(absl::StrCat("a stream ended with ", end.error_code(), ": ",
                              end.error_message()));
  }
}

DeliverStreamRequest ToStreamed(const DeliverEventsRequest& request,
                                uint64_t request_id, absl::Duration timeout) {
  DeliverStreamRequest streamed;
  streamed.set_integration_id(request.integration_id());
  *streamed.mutable_events() = request.events();
  streamed.set_request_id(request_id);
  *streamed.mutable_timeout() =
      google::protobuf::util::TimeUtil::NanosecondsToDuration(
          absl::ToInt64Nanoseconds(timeout));
  return streamed;
}

}  // namespace

// From its opening to its end.
class SharedStream::Stream {
 public:
  Stream(Service::Stub& stub, int replica, CallLog& log)
      : begun_(absl::Now()), replica_(replica), log_(log) {
    context_.set_deadline(absl::ToChronoTime(begun_ + kLongestLife));
    wire_ = stub.DeliverStream(&context_);
    reader_ = std::thread([this] { ReadAll(); });
  }

  // Waits for its end where it is half-closed.
  ~Stream() {
    {
      const std::lock_guard lock(writing_);
      if (!half_closed_at_.has_value()) context_.TryCancel();
    }
    reader_.join();
  }

  bool TakesMore(absl::Duration longest_use) {
    const std::lock_guard lock(mutex_);
    return !end_.has_value() && absl::Now() - begun_ < longest_use;
  }

  void HalfClose() {
    const std::lock_guard lock(writing_);
    if (half_closed_at_.has_value() || has_ended()) return;
    half_closed_at_ = absl::Now();
    wire_->WritesDone();
  }

  // nullopt: it takes no more requests, and this was not sent.
  std::optional<grpc::Status> Deliver(const DeliverStreamRequest& request,
                                      absl::Duration patience,
                                      DeliverEventsResponse& response) {
    Awaited awaited{response};
    {
      const std::lock_guard lock(writing_);
      if (half_closed_at_.has_value() || has_ended()) return std::nullopt;
      {
        const std::lock_guard lock(mutex_);
        awaited_[request.request_id()] = &awaited;
      }
      // Where it fails, the reader learns why.
      wire_->Write(request);
    }
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, absl::ToChronoMilliseconds(patience),
                       [&] { return awaited.status.has_value(); });
    if (awaited.status.has_value()) return awaited.status;
    awaited_.erase(request.request_id());
    given_up_.insert(request.request_id());
    return Lie("a stream has no response for a request, or has it late");
  }

 private:
  struct Awaited {
    DeliverEventsResponse& response;
    std::optional<grpc::Status> status;
  };

  bool has_ended() {
    const std::lock_guard lock(mutex_);
    return end_.has_value();
  }

  void ReadAll() {
    DeliverStreamResponse streamed;
    while (wire_->Read(&streamed)) OnResponse(streamed);
    // Whoever still writes sees that it has ended.
    const std::lock_guard writing(writing_);
    const grpc::Status end = wire_->Finish();
    if (half_closed_at_.has_value() && !end.ok()) TakeNoteOfEnd(end);
    const std::lock_guard lock(mutex_);
    end_ = end;
    for (const auto& [id, awaited] : awaited_) {
      awaited->status = WithoutResponse(end);
    }
    answered_.notify_all();
  }

  // Of one that was half-closed: it should have been OK.
  void TakeNoteOfEnd(const grpc::Status& end) {
    const grpc::Status told = WithoutResponse(end);
    const std::string what =
        absl::StrCat("half-closed stream: ", told.error_message());
    if (told.error_code() == grpc::StatusCode::DATA_LOSS) {
      log_.AddBadAnswer(what);
    } else {
      log_.AddBrokenCall(*half_closed_at_, absl::Now(), replica_, what);
    }
  }

  void OnResponse(DeliverStreamResponse& streamed) {
    const std::lock_guard lock(mutex_);
    const auto found = awaited_.find(streamed.request_id());
    if (found == awaited_.end()) {
      if (given_up_.erase(streamed.request_id()) == 0) {
        log_.AddBadAnswer("a response for no request of the stream");
      }
      return;
    }
    Awaited& awaited = *found->second;
    awaited_.erase(found);
    if (streamed.has_response()) {
      awaited.response.Swap(streamed.mutable_response());
      awaited.status = grpc::Status::OK;
    } else if (streamed.error().code() == grpc::StatusCode::OK ||
               streamed.error().code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      awaited.status = Lie(absl::StrCat("a stream's response has the error ",
                                        streamed.error().code()));
    } else {
      awaited.status = grpc::Status(
          static_cast<grpc::StatusCode>(streamed.error().code()),
          streamed.error().message(), streamed.error().SerializeAsString());
    }
    answered_.notify_all();
  }

  const absl::Time begun_;
  const int replica_;
  CallLog& log_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<DeliverStreamRequest, DeliverStreamResponse>>
      wire_;
  std::mutex writing_;  // before mutex_
  std::optional<absl::Time> half_closed_at_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable answered_;
  std::map<uint64_t, Awaited*> awaited_;  // by request_id
  std::set<uint64_t> given_up_;           // whose response is late
  std::optional<grpc::Status> end_;

  std::thread reader_;
};

SharedStream::SharedStream(std::unique_ptr<Service::Stub> stub, int replica,
                           CallLog& log, absl::Duration longest_use)
    : stub_(std::move(stub)),
      replica_(replica),
      log_(log),
      longest_use_(longest_use) {}

SharedStream::~SharedStream() = default;

grpc::Status SharedStream::Deliver(const DeliverEventsRequest& request,
                                   absl::Duration timeout,
                                   absl::Duration most_late,
                                   DeliverEventsResponse& response) {
  const DeliverStreamRequest streamed =
      ToStreamed(request, ++last_request_id_, timeout);
  for (int i = 0; i < kMostTries; ++i) {
    const std::optional<grpc::Status> status =
        Current()->Deliver(streamed, timeout + most_late, response);
    if (status.has_value()) return *status;
  }
  return {grpc::StatusCode::UNAVAILABLE, "every stream ended at once"};
}

std::shared_ptr<SharedStream::Stream> SharedStream::Current() {
  std::shared_ptr<Stream> old;
  std::shared_ptr<Stream> current;
  {
    const std::lock_guard lock(mutex_);
    if (current_ == nullptr || !current_->TakesMore(longest_use_)) {
      old = std::exchange(current_,
                          std::make_shared<Stream>(*stub_, replica_, log_));
    }
    current = current_;
  }
  // Whoever waits for a response keeps it until then.
  if (old != nullptr) old->HalfClose();
  return current;
}

}  // namespace signal_delivery::torture
