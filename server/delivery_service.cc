#include "server/delivery_service.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/load.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "mapping/status_macros.h"
#include "server/delivery_call.h"
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

// Keeps sums of times finite. No caller waits as long.
constexpr absl::Duration kLongestDeadline = absl::Hours(24);

// What is left for the call's deliveries, so that it is answered in time. By
// the steady clock: a step of the wall clock moves no deadline.
absl::Duration TimeLeft(const grpc::CallbackServerContext& context) {
  const gpr_timespec deadline =
      gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
    return kDefaultDeadline;
  }
  const gpr_timespec left =
      gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC));
  const absl::Duration remaining =
      absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec);
  return std::min(remaining - std::min(kAnswerMargin, remaining / 4),
                  kLongestDeadline);
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
    : integrations_(integrations),
      client_(client),
      tracer_(tracer),
      callers_(std::move(options.callers), options.certificates),
      errors_page_(std::move(options.errors_page)),
      recorder_(options.recorder),
      clock_(std::move(clock)),
      log_(clock_),
      admission_(options.limits),
      unfinished_(options.request_time),
      on_reset_(std::move(options.on_reset)) {
  AddMethod("DeliverEvents", &DeliveryService::DeliverEvents);
  AddMethod("PreviewEvents", &DeliveryService::PreviewEvents);
}

void DeliveryService::AddMethod(const std::string& name, Method method) {
  // To gRPC its requests are streams, of which it reads one: a unary call
  // would begin with its request, and not with its headers. On the wire they
  // are the same.
  paths_.push_back(absl::StrCat(
      "/", datafly::delivery::v1::DeliveryService::service_full_name(), "/",
      name));
  Service::AddMethod(new grpc::internal::RpcServiceMethod(
      paths_.back().c_str(), grpc::internal::RpcMethod::CLIENT_STREAMING,
      nullptr));
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

void DeliveryService::DeliverEvents(IncomingCall& call, Asked asked,
                                    const Caller& caller,
                                    const grpc::ByteBuffer& request) {
  const absl::Duration time_left = TimeLeft(call.context());
  const auto deadline = asked.at + absl::ToChronoNanoseconds(time_left);
  absl::StatusOr<Admitted> admitted = Admit(caller, request, time_left, asked);
  if (!admitted.ok()) return Refuse(asked, admitted.status(), call);
  call.Hold(std::move(admitted->permit));
  DeliveryCall::Start({.request = std::move(admitted->request),
                       .integration = std::move(admitted->integration),
                       .taken_in_at = asked.at,
                       .deadline = deadline,
                       .cancellation = call.cancellation(),
                       .info = std::move(asked.info)},
                      clock_(),
                      {client_, taken_, refused_, log_, tracer_, recorder_},
                      [&call](const DeliverEventsResponse& results) {
                        call.Finish(Serialize(results, call.response()));
                      });
}

void DeliveryService::PreviewEvents(IncomingCall& call, Asked asked,
                                    const Caller& caller,
                                    const grpc::ByteBuffer& request) {
  // Nothing of a preview waits.
  const absl::StatusOr<Admitted> admitted =
      Admit(caller, request, absl::InfiniteDuration(), asked);
  if (!admitted.ok()) return Refuse(asked, admitted.status(), call);
  PreviewEventsResponse preview;
  std::vector<const datafly::signal::v1::Event*> events =
      EventsOf(*admitted->request);
  Repeats repeats;
  if (admitted->integration->skip_repeats) repeats.TakeOut(events);
  WritePreview(*admitted->request,
               admitted->integration->mapper->Explain(events, clock_()),
               preview);
  repeats.WriteResults(preview);
  call.Finish(Serialize(preview, call.response()));
}

void DeliveryService::Begin(IncomingCall& call, absl::string_view name,
                            Method method) {
  Asked asked = {.method = name,
                 .at = std::chrono::steady_clock::now(),
                 .info = tracer_.Continue(TraceparentOf(call.context()))};
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
  TellOfRefusal(asked, status);
  Fail(status, call);
}

void DeliveryService::TellOfRefusal(const Asked& asked,
                                    const absl::Status& status) {
  log_.OnRefusal(asked.info, asked.method, asked.integration, status);
  if (asked.method != "DeliverEvents" || !tracer_.Records(asked.info)) return;
  const absl::Time now = clock_();
  tracer_.RecordCall(
      asked.info,
      {.start =
           now - absl::FromChrono(std::chrono::steady_clock::now() - asked.at),
       .end = now,
       .status = static_cast<grpc::StatusCode>(status.raw_code()),
       .error_reason = ErrorReasonOf(status)});
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

absl::StatusOr<DeliveryService::Admitted> DeliveryService::Admit(
    const Caller& caller, const grpc::ByteBuffer& wire,
    absl::Duration time_left, Asked& asked) {
  ASSIGN_OR_RETURN(asked.integration, ReadIntegrationId(wire));
  const std::string& id = asked.integration;
  // First, or NOT_FOUND would tell which integrations exist.
  RETURN_IF_ERROR(Callers::CheckIntegration(caller, asked.method, id));
  std::shared_ptr<const Integration> integration = integrations_.Find(id);
  if (integration == nullptr) return NoSuchIntegration(id);
  const client::Load& load = integration->destination->load();
  absl::StatusOr<Admission::Permit> permit = admission_.Admit(
      id, wire.Length(), absl::FromChrono(load.EstimatedWait()), time_left);
  if (!permit.ok()) {
    integration->metrics->OnRefusal(ErrorReasonOf(permit.status()));
    return permit.status();
  }
  ASSIGN_OR_RETURN(std::unique_ptr<EventRequest> request,
                   EventRequest::Read(wire));
  return Admitted{*std::move(permit), std::move(request),
                  std::move(integration)};
}

}  // namespace signal_delivery::server
