#include "server/event_debugger_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/event_debugger.grpc.pb.h"
#include "mapping/status_macros.h"
#include "server/message_bytes.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::Outcome_IsValid;
using ::datafly::delivery::v1::Reason_IsValid;
using ::datafly::delivery::v1::TailEventsRequest;
using ::datafly::delivery::v1::TailEventsResponse;

constexpr absl::string_view kMethod = "TailEvents";

absl::Status CheckFilter(const TailEventsRequest& request) {
  if (request.has_recent() &&
      (request.recent() < 0 || request.recent() > kMaxRecent)) {
    return InvalidField("recent", CallFault::kInvalidFilter,
                        absl::StrCat("expected 0 to ", kMaxRecent));
  }
  for (const int outcome : request.outcomes()) {
    if (outcome == 0 || !Outcome_IsValid(outcome)) {
      return InvalidField("outcomes", CallFault::kInvalidFilter,
                          absl::StrCat(outcome, " is no outcome"));
    }
  }
  for (const int reason : request.reasons()) {
    if (reason == 0 || !Reason_IsValid(reason)) {
      return InvalidField("reasons", CallFault::kInvalidFilter,
                          absl::StrCat(reason, " is no reason"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

// A call that watches, once it is open.
class EventDebuggerService::Stream final : public IncomingCall,
                                           public RecentEvents::Tail {
 public:
  Stream(RecentEvents* events, std::unique_ptr<CallHeaders> headers,
         Shared& calls)
      : IncomingCall(std::move(headers), calls), events_(events) {}

 private:
  // Of the tail.
  void Send(TailEventsResponse message) override {
    StartWrite(ToBytes(message));
  }
  void End() override { Finish(grpc::Status::OK); }
  void Abandon() override { context().TryCancel(); }

  // Of the call.
  void OnWriteDone(bool ok) override {
    if (ok) {
      events_->Sent(*this);
    } else {
      Close();
    }
  }
  void OnCancel() override {
    IncomingCall::OnCancel();
    Close();
  }

  // Nothing where it is not open.
  void Close() {
    if (events_ != nullptr && events_->Close(*this)) {
      Finish(grpc::Status::CANCELLED);
    }
  }

  RecentEvents* const events_;
};

EventDebuggerService::EventDebuggerService(const LiveIntegrations& integrations,
                                           RecentEvents* events,
                                           const Callers& callers,
                                           IncomingCall::Shared& calls,
                                           GrpcMetrics& metrics,
                                           std::string errors_page)
    : ByteService(
          datafly::delivery::v1::EventDebuggerService::service_full_name(),
          metrics),
      integrations_(integrations),
      events_(events),
      callers_(callers),
      errors_page_(std::move(errors_page)) {
  AddMethod(kMethod, [this, &calls](std::unique_ptr<CallHeaders> headers) {
    auto* const stream = new Stream(events_, std::move(headers), calls);
    const absl::Status status = CheckCaller(stream->context()).status();
    if (!status.ok()) return stream->Fail(ToGrpcStatus(status, errors_page_));
    stream->Read([this, stream](const grpc::ByteBuffer& request) {
      TailEvents(*stream, request);
    });
  });
}

void EventDebuggerService::TailEvents(Stream& stream,
                                      const grpc::ByteBuffer& request) {
  TailEventsRequest asked;
  if (!FromBytes(request, asked)) {
    return stream.Fail(ToGrpcStatus(UnreadableRequest(), errors_page_));
  }
  absl::StatusOr<EventFilter> filter = Admit(stream.context(), asked);
  if (!filter.ok()) {
    return stream.Fail(ToGrpcStatus(filter.status(), errors_page_));
  }
  if (!events_->Open(stream, *std::move(filter))) {
    stream.Fail(
        ToGrpcStatus(TooManyTails(events_->limits().max_tails), errors_page_));
  }
}

absl::StatusOr<std::shared_ptr<const Caller>> EventDebuggerService::CheckCaller(
    const grpc::ServerContext& context) const {
  absl::StatusOr<std::shared_ptr<const Caller>> caller =
      callers_.Identify(context, kMethod);
  if (caller.ok() && events_ == nullptr) return EventDebuggerOff();
  return caller;
}

absl::StatusOr<EventFilter> EventDebuggerService::Admit(
    const grpc::ServerContext& context,
    const TailEventsRequest& request) const {
  // Anew: who may watch may have changed while the request came, and those who
  // watched then were ended (Callers::OnReplace).
  ASSIGN_OR_RETURN(const std::shared_ptr<const Caller> caller,
                   CheckCaller(context));
  RETURN_IF_ERROR(CheckFilter(request));
  const std::string& id = request.integration_id();
  if (!id.empty()) {
    // First, or NOT_FOUND would tell which integrations exist.
    RETURN_IF_ERROR(Callers::CheckIntegration(*caller, kMethod, id));
    if (integrations_.Find(id) == nullptr) return NoSuchIntegration(id);
  }
  EventFilter filter = {request, Callers::IntegrationsOf(*caller, kMethod)};
  if (!request.has_recent()) filter.wanted.set_recent(kRecentByDefault);
  return filter;
}

}  // namespace signal_delivery::server
