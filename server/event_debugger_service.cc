#include "server/event_debugger_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mapping/status_macros.h"
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

// A call that is not taken in.
class EventDebuggerService::Refusal final
    : public grpc::ServerWriteReactor<TailEventsResponse> {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }

 private:
  void OnDone() override { delete this; }
};

// A call that watches. Deletes itself when gRPC is done with it.
class EventDebuggerService::Stream final
    : public grpc::ServerWriteReactor<TailEventsResponse>,
      public RecentEvents::Tail {
 public:
  Stream(RecentEvents& events, grpc::CallbackServerContext& context)
      : events_(events), context_(context) {}

 private:
  // Of the tail. A call of gRPC's functions never calls back at once.
  void Send(TailEventsResponse message) override {
    message_ = std::move(message);
    StartWrite(&message_);
  }
  void End() override { Finish(grpc::Status::OK); }
  void Abandon() override { context_.TryCancel(); }

  // Of the reactor.
  void OnWriteDone(bool ok) override {
    if (ok) {
      events_.Sent(*this);
    } else {
      OnCancel();
    }
  }
  void OnCancel() override {
    if (events_.Close(*this)) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

  RecentEvents& events_;
  grpc::CallbackServerContext& context_;
  TailEventsResponse message_;
};

EventDebuggerService::EventDebuggerService(const LiveIntegrations& integrations,
                                           RecentEvents* events,
                                           const Callers& callers,
                                           std::string errors_page)
    : integrations_(integrations),
      events_(events),
      callers_(callers),
      errors_page_(std::move(errors_page)) {}

grpc::ServerWriteReactor<TailEventsResponse>* EventDebuggerService::TailEvents(
    grpc::CallbackServerContext* context, const TailEventsRequest* request) {
  absl::StatusOr<EventFilter> filter = Admit(*context, *request);
  if (!filter.ok()) {
    return new Refusal(ToGrpcStatus(filter.status(), errors_page_));
  }
  auto stream = std::make_unique<Stream>(*events_, *context);
  if (!events_->Open(*stream, *std::move(filter))) {
    return new Refusal(
        ToGrpcStatus(TooManyTails(events_->limits().max_tails), errors_page_));
  }
  // gRPC starts what the stream was told to do once it has it.
  return stream.release();
}

absl::StatusOr<EventFilter> EventDebuggerService::Admit(
    const grpc::CallbackServerContext& context,
    const TailEventsRequest& request) const {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Caller> caller,
                   callers_.Identify(context, kMethod));
  if (events_ == nullptr) return EventDebuggerOff();
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
