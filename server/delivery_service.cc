#include "server/delivery_service.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "mapping/status_macros.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/message_bytes.h"
#include "server/repeats.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::PreviewEventsResponse;

constexpr absl::string_view kDeliverEvents = "DeliverEvents";
constexpr absl::string_view kPreviewEvents = "PreviewEvents";
constexpr absl::string_view kDeliverStream = "DeliverStream";

// Keeps sums of times finite. No caller waits as long.
constexpr absl::Duration kLongestDeadline = absl::Hours(24);

// Of so much time until an answer, what there is for its deliveries. Infinite:
// its caller does not say.
absl::Duration TimeToDeliver(absl::Duration time) {
  if (time == absl::InfiniteDuration()) return kDefaultDeadline;
  return std::min(time - std::min(kAnswerMargin, time / 4), kLongestDeadline);
}

// What is left until the call's deadline; infinite where it has none. By the
// steady clock: a step of the wall clock moves no deadline.
absl::Duration TimeLeft(const grpc::ServerContext& context) {
  const gpr_timespec deadline =
      gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
    return absl::InfiniteDuration();
  }
  const gpr_timespec left =
      gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC));
  return absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec);
}

// "" where the call is part of no trace.
absl::string_view TraceparentOf(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("traceparent");
  if (found == metadata.end()) return "";
  return {found->second.data(), found->second.size()};
}

}  // namespace

DeliveryService::DeliveryService(const LiveIntegrations& integrations,
                                 client::DeliveryClient& client, Tracer& tracer,
                                 IncomingCall::Shared& calls,
                                 GrpcMetrics& metrics, Options options,
                                 Clock clock)
    : ByteService(datafly::delivery::v1::DeliveryService::service_full_name(),
                  metrics),
      tracer_(tracer),
      callers_(std::move(options.callers), options.certificates),
      errors_page_(std::move(options.errors_page)),
      intake_(integrations, client, tracer, options.recorder, options.limits,
              std::move(clock)),
      calls_(calls),
      long_deliveries_(options.call_threads),
      longest_busy_stream_(options.longest_busy_stream),
      streams_(options.max_streams) {
  AddUnaryMethod(kDeliverEvents, &DeliveryService::DeliverEvents);
  AddUnaryMethod(kPreviewEvents, &DeliveryService::PreviewEvents);
  AddMethod(kDeliverStream, [this](std::unique_ptr<CallHeaders> headers) {
    BeginStream(*new IncomingStream(
        std::move(headers), calls_.on_reset,
        [this](IncomingStream& gone) { streams_.Remove(gone); }));
  });
}

void DeliveryService::AddUnaryMethod(absl::string_view name, Method method) {
  AddMethod(name, [=, this](std::unique_ptr<CallHeaders> headers) {
    Begin(*new IncomingCall(std::move(headers), calls_), name, method);
  });
}

void DeliveryService::DeliverEvents(IncomingCall& call, Asked asked,
                                    const Caller& caller,
                                    const grpc::ByteBuffer& request) {
  const absl::Duration time_left = TimeToDeliver(TimeLeft(call.context()));
  absl::StatusOr<RequestIntake::Admitted> admitted =
      intake_.Admit(caller, request, time_left, asked);
  if (!admitted.ok()) return Refuse(asked, admitted.status(), call);
  call.Hold(std::move(admitted->permit));
  auto deliver = [this, &call, request, time_left,
                  takes_long = admitted->takes_long, asked = std::move(asked),
                  integration = std::move(admitted->integration)]() mutable {
    const absl::Status status =
        intake_.Deliver(std::move(integration), request, asked, time_left,
                        call.cancellation(), ExecutorFor(call, takes_long),
                        [&call](const DeliverEventsResponse& results) {
                          call.Answer(ToBytes(results));
                        });
    if (!status.ok()) Refuse(asked, status, call);
  };
  if (!admitted->takes_long) return deliver();
  long_deliveries_.Run([&call, deliver = std::move(deliver)]() mutable {
    if (!EndIfCancelled(call)) deliver();
  });
}

DeliveryCall::Executor DeliveryService::ExecutorFor(ByteCall& call,
                                                    bool takes_long) {
  if (takes_long) {
    return [this](absl::AnyInvocable<void()> work) {
      long_deliveries_.Run(std::move(work));
    };
  }
  return
      [&call](absl::AnyInvocable<void()> work) { call.Post(std::move(work)); };
}

void DeliveryService::PreviewEvents(IncomingCall& call, Asked asked,
                                    const Caller& caller,
                                    const grpc::ByteBuffer& request) {
  // Nothing of a preview waits for mParticle.
  absl::StatusOr<RequestIntake::Admitted> admitted =
      intake_.Admit(caller, request, absl::InfiniteDuration(), asked);
  if (!admitted.ok()) return Refuse(asked, admitted.status(), call);
  call.Hold(std::move(admitted->permit));
  previews_.Run([this, &call, request, asked = std::move(asked),
                 integration = std::move(admitted->integration)] {
    if (!EndIfCancelled(call)) Preview(call, asked, *integration, request);
  });
}

void DeliveryService::Preview(IncomingCall& call, const Asked& asked,
                              const Integration& integration,
                              const grpc::ByteBuffer& wire) {
  const absl::StatusOr<std::unique_ptr<EventRequest>> request =
      EventRequest::Read(wire);
  if (!request.ok()) return Refuse(asked, request.status(), call);
  PreviewEventsResponse preview;
  std::vector<const mapping::SourceEvent*> events = (*request)->sources();
  Repeats repeats;
  if (integration.skip_repeats) repeats.TakeOut(events);
  WritePreview(**request, integration.mapper->Explain(events, intake_.Now()),
               preview);
  repeats.WriteResults(preview);
  call.Answer(ToBytes(preview));
}

bool DeliveryService::EndIfCancelled(IncomingCall& call) {
  if (!call.cancellation().stop_requested()) return false;
  call.Fail(grpc::Status::CANCELLED);
  return true;
}

DeliveryService::Asked DeliveryService::AskedNow(
    const grpc::ServerContext& context, absl::string_view name) const {
  Asked asked = {.at = std::chrono::steady_clock::now(),
                 .info = tracer_.Continue(TraceparentOf(context))};
  asked.info.method = name;
  return asked;
}

void DeliveryService::Begin(IncomingCall& call, absl::string_view name,
                            Method method) {
  Asked asked = AskedNow(call.context(), name);
  absl::StatusOr<std::shared_ptr<const Caller>> caller =
      callers_.Identify(call.context(), name);
  if (!caller.ok()) return Refuse(asked, caller.status(), call);
  asked.info.caller = (*caller)->name;
  call.Read(
      [this, &call, method, asked = std::move(asked),
       caller = *std::move(caller)](const grpc::ByteBuffer& request) mutable {
        asked.at = std::chrono::steady_clock::now();
        (this->*method)(call, std::move(asked), *caller, request);
      });
}

void DeliveryService::Refuse(const Asked& asked, const absl::Status& status,
                             IncomingCall& call) {
  intake_.TellOfRefusal(asked, status);
  Fail(status, call);
}

void DeliveryService::Fail(const absl::Status& status,
                           IncomingCall& call) const {
  if (const std::optional<absl::Duration> retry_after = RetryAfterOf(status)) {
    // gRFC A6.
    call.context().AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        absl::StrCat(absl::ToInt64Milliseconds(*retry_after)));
  }
  call.Fail(ToGrpcStatus(status, errors_page_));
}

void DeliveryService::BeginStream(IncomingStream& stream) {
  absl::Status status =
      callers_.Identify(stream.context(), kDeliverStream).status();
  if (status.ok()) status = streams_.Add(stream);
  if (!status.ok()) {
    intake_.TellOfRefusal(AskedNow(stream.context(), kDeliverStream), status);
    return stream.Refuse(ToGrpcStatus(status, errors_page_));
  }
  stream.Start(
      [this, &stream, begun = std::chrono::steady_clock::now()](
          IncomingStream::Request& request, const grpc::ByteBuffer& wire) {
        OnStreamed(stream, request, wire);
        if (absl::FromChrono(std::chrono::steady_clock::now() - begun) >
            longest_busy_stream_) {
          stream.End(ToGrpcStatus(
              StreamEnds("the stream has been open for long"), errors_page_));
        }
      });
}

void DeliveryService::OnStreamed(IncomingStream& stream,
                                 IncomingStream::Request& request,
                                 const grpc::ByteBuffer& wire) {
  Asked asked = AskedNow(stream.context(), kDeliverStream);
  const StreamFields fields = ReadStreamFields(wire);
  absl::Duration time_left;
  absl::StatusOr<RequestIntake::Admitted> admitted =
      AdmitStreamed(stream, wire, fields, time_left, asked);
  if (!admitted.ok()) {
    return RefuseStreamed(request, fields.request_id, admitted.status(), asked);
  }
  request.Hold(std::move(admitted->permit));
  auto deliver = [this, &stream, &request, wire, time_left,
                  takes_long = admitted->takes_long, id = fields.request_id,
                  asked = std::move(asked),
                  integration = std::move(admitted->integration)]() mutable {
    const absl::Status status = intake_.Deliver(
        std::move(integration), wire, asked, time_left, request.cancellation(),
        ExecutorFor(stream, takes_long),
        [this, &request,
         id = id.value_or(0)](const DeliverEventsResponse& results) {
          stream_metrics_.OnAnswer(request.came_at(), grpc::StatusCode::OK);
          request.Answer(WriteStreamResponse(id, results));
        });
    if (!status.ok()) RefuseStreamed(request, id, status, asked);
  };
  if (!admitted->takes_long) return deliver();
  long_deliveries_.Run([&request, deliver = std::move(deliver)]() mutable {
    if (!request.cancellation().stop_requested()) return deliver();
    request.EndStream(grpc::Status::CANCELLED);
  });
}

absl::StatusOr<RequestIntake::Admitted> DeliveryService::AdmitStreamed(
    IncomingStream& stream, const grpc::ByteBuffer& wire,
    const StreamFields& fields, absl::Duration& time_left, Asked& asked) {
  // Anew for each: who may call what changes while a stream is open.
  ASSIGN_OR_RETURN(const std::shared_ptr<const Caller> caller,
                   callers_.Identify(stream.context(), kDeliverStream));
  asked.info.caller = caller->name;
  RETURN_IF_ERROR(fields.timeout.status());
  absl::Duration time = *fields.timeout;
  if (time == absl::InfiniteDuration()) time = kDefaultDeadline;
  time_left = TimeToDeliver(std::min(time, TimeLeft(stream.context())));
  return intake_.Admit(*caller, wire, time_left, asked);
}

void DeliveryService::RefuseStreamed(IncomingStream::Request& request,
                                     std::optional<uint64_t> id,
                                     const absl::Status& status,
                                     const Asked& asked) {
  intake_.TellOfRefusal(asked, status);
  if (!id.has_value()) {
    return request.EndStream(ToGrpcStatus(status, errors_page_));
  }
  stream_metrics_.OnAnswer(request.came_at(),
                           static_cast<grpc::StatusCode>(status.raw_code()));
  request.Answer(WriteStreamError(*id, ToRpcStatus(status, errors_page_)));
}

}  // namespace signal_delivery::server
