#include "server/delivery_service.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "mapping/status_macros.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/repeats.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::PreviewEventsResponse;

grpc::Status Serialize(const google::protobuf::Message& message,
                       grpc::ByteBuffer* wire) {
  bool own_buffer;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter,
                                google::protobuf::Message>(message, wire,
                                                           &own_buffer);
}

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
absl::Duration TimeLeft(const grpc::CallbackServerContext& context) {
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
absl::string_view TraceparentOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("traceparent");
  if (found == metadata.end()) return "";
  return {found->second.data(), found->second.size()};
}

}  // namespace

DeliveryService::DeliveryService(const LiveIntegrations& integrations,
                                 client::DeliveryClient& client, Tracer& tracer,
                                 Options options, Clock clock)
    : tracer_(tracer),
      callers_(std::move(options.callers), options.certificates),
      errors_page_(std::move(options.errors_page)),
      intake_(integrations, client, tracer, options.recorder, options.limits,
              std::move(clock)),
      unfinished_(options.request_time),
      on_reset_(std::move(options.on_reset)),
      longest_busy_stream_(options.longest_busy_stream),
      streams_(options.max_streams) {
  AddMethod("DeliverEvents", &DeliveryService::DeliverEvents);
  AddMethod("PreviewEvents", &DeliveryService::PreviewEvents);
  AddStreamMethod();
}

const char* DeliveryService::PathOf(absl::string_view name) {
  paths_.push_back(absl::StrCat(
      "/", datafly::delivery::v1::DeliveryService::service_full_name(), "/",
      name));
  return paths_.back().c_str();
}

void DeliveryService::AddMethod(const std::string& name, Method method) {
  // To gRPC its requests are streams, of which it reads one: a unary call
  // would begin with its request, and not with its headers. On the wire they
  // are the same.
  Service::AddMethod(new grpc::internal::RpcServiceMethod(
      PathOf(name), grpc::internal::RpcMethod::CLIENT_STREAMING, nullptr));
  MarkMethodRawCallback(
      static_cast<int>(paths_.size()) - 1,
      new grpc::internal::CallbackClientStreamingHandler<grpc::ByteBuffer,
                                                         grpc::ByteBuffer>(
          [this, name, method](grpc::CallbackServerContext* context,
                               grpc::ByteBuffer* response) {
            auto* const call =
                new IncomingCall(*context, *response, unfinished_, on_reset_);
            Begin(*call, name, method);
            return call;
          }));
}

void DeliveryService::AddStreamMethod() {
  Service::AddMethod(new grpc::internal::RpcServiceMethod(
      PathOf(kDeliverStream), grpc::internal::RpcMethod::BIDI_STREAMING,
      nullptr));
  MarkMethodRawCallback(
      static_cast<int>(paths_.size()) - 1,
      new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer,
                                              grpc::ByteBuffer>(
          [this](grpc::CallbackServerContext* context) {
            auto* const stream = new IncomingStream(
                *context, on_reset_,
                [this](IncomingStream& gone) { streams_.Remove(gone); });
            BeginStream(*stream);
            return stream;
          }));
}

void DeliveryService::DeliverEvents(IncomingCall& call, Asked asked,
                                    const Caller& caller,
                                    const grpc::ByteBuffer& request) {
  const absl::Duration time_left = TimeToDeliver(TimeLeft(call.context()));
  absl::StatusOr<RequestIntake::Admitted> admitted =
      intake_.Admit(caller, request, time_left, asked);
  if (!admitted.ok()) return Refuse(asked, admitted.status(), call);
  call.Hold(std::move(admitted->permit));
  intake_.Deliver(*admitted, std::move(asked), time_left, call.cancellation(),
                  [&call](const DeliverEventsResponse& results) {
                    call.Finish(Serialize(results, call.response()));
                  });
}

void DeliveryService::PreviewEvents(IncomingCall& call, Asked asked,
                                    const Caller& caller,
                                    const grpc::ByteBuffer& request) {
  // Nothing of a preview waits.
  const absl::StatusOr<RequestIntake::Admitted> admitted =
      intake_.Admit(caller, request, absl::InfiniteDuration(), asked);
  if (!admitted.ok()) return Refuse(asked, admitted.status(), call);
  PreviewEventsResponse preview;
  std::vector<const datafly::signal::v1::Event*> events =
      EventsOf(*admitted->request);
  Repeats repeats;
  if (admitted->integration->skip_repeats) repeats.TakeOut(events);
  WritePreview(*admitted->request,
               admitted->integration->mapper->Explain(events, intake_.Now()),
               preview);
  repeats.WriteResults(preview);
  call.Finish(Serialize(preview, call.response()));
}

DeliveryService::Asked DeliveryService::AskedNow(
    const grpc::CallbackServerContext& context, absl::string_view name) const {
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
  call.Finish(ToGrpcStatus(status, errors_page_));
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
  const absl::Status status =
      DeliverStreamed(stream, request, wire, fields, asked);
  if (status.ok()) return;
  intake_.TellOfRefusal(asked, status);
  if (!fields.request_id.has_value()) {
    return request.EndStream(ToGrpcStatus(status, errors_page_));
  }
  stream_metrics_.OnAnswer(request.came_at(),
                           static_cast<grpc::StatusCode>(status.raw_code()));
  request.Answer(
      WriteStreamError(*fields.request_id, ToRpcStatus(status, errors_page_)));
}

absl::Status DeliveryService::DeliverStreamed(IncomingStream& stream,
                                              IncomingStream::Request& request,
                                              const grpc::ByteBuffer& wire,
                                              const StreamFields& fields,
                                              Asked& asked) {
  // Anew for each: who may call what changes while a stream is open.
  ASSIGN_OR_RETURN(const std::shared_ptr<const Caller> caller,
                   callers_.Identify(stream.context(), kDeliverStream));
  asked.info.caller = caller->name;
  RETURN_IF_ERROR(fields.timeout.status());
  absl::Duration time = *fields.timeout;
  if (time == absl::InfiniteDuration()) time = kDefaultDeadline;
  const absl::Duration time_left =
      TimeToDeliver(std::min(time, TimeLeft(stream.context())));
  ASSIGN_OR_RETURN(RequestIntake::Admitted admitted,
                   intake_.Admit(*caller, wire, time_left, asked));
  request.Hold(std::move(admitted.permit));
  intake_.Deliver(admitted, std::move(asked), time_left, request.cancellation(),
                  [this, &request, id = fields.request_id.value_or(0)](
                      const DeliverEventsResponse& results) {
                    stream_metrics_.OnAnswer(request.came_at(),
                                             grpc::StatusCode::OK);
                    request.Answer(WriteStreamResponse(id, results));
                  });
  return absl::OkStatus();
}

}  // namespace signal_delivery::server
