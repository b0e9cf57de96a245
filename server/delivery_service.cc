#include "server/delivery_service.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
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
#include "server/trace_context.h"

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

// The call's own span: of its caller's trace, where it is part of one.
TraceContext TraceOf(const grpc::CallbackServerContext& context) {
  static thread_local absl::InsecureBitGen random;
  const auto& metadata = context.client_metadata();
  if (const auto found = metadata.find("traceparent");
      found != metadata.end()) {
    const auto parent =
        TraceContext::Parse({found->second.data(), found->second.size()});
    if (parent.has_value()) return parent->Child(random);
  }
  return TraceContext::Begin(/*sampled=*/false, random);
}

// A DeliverEvents call: from its admission to gRPC's last word about it.
class DeliverReactor final : public grpc::ServerUnaryReactor {
 public:
  explicit DeliverReactor(Admission::Permit permit)
      : permit_(std::move(permit)) {}

  std::stop_token cancellation() const { return cancellation_.get_token(); }

  void OnCancel() override { cancellation_.request_stop(); }
  void OnDone() override { delete this; }

 private:
  const Admission::Permit permit_;
  std::stop_source cancellation_;
};

}  // namespace

DeliveryService::DeliveryService(const LiveIntegrations& integrations,
                                 client::DeliveryClient& client,
                                 Options options, Clock clock)
    : integrations_(integrations),
      client_(client),
      callers_(std::move(options.callers), options.certificates),
      errors_page_(std::move(options.errors_page)),
      clock_(std::move(clock)),
      admission_(options.limits) {}

grpc::ServerUnaryReactor* DeliveryService::DeliverEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  const absl::Duration time_left = TimeLeft(*context);
  const auto deadline =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(time_left);
  absl::StatusOr<Admitted> admitted =
      Admit(*context, "DeliverEvents", *request, time_left);
  if (!admitted.ok()) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    Fail(admitted.status(), *context, *reactor);
    return reactor;
  }
  auto* const reactor = new DeliverReactor(std::move(admitted->permit));
  DeliveryCall::Start(
      {.request = std::move(admitted->request),
       .integration = std::move(admitted->integration),
       .deadline = deadline,
       .cancellation = reactor->cancellation(),
       .info = {.caller = admitted->caller->name, .trace = TraceOf(*context)}},
      clock_(), {client_, taken_, refused_},
      [reactor, response](const DeliverEventsResponse& results) {
        reactor->Finish(Serialize(results, response));
      });
  return reactor;
}

grpc::ServerUnaryReactor* DeliveryService::PreviewEvents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  // Nothing of a preview waits.
  const absl::StatusOr<Admitted> admitted =
      Admit(*context, "PreviewEvents", *request, absl::InfiniteDuration());
  if (!admitted.ok()) {
    Fail(admitted.status(), *context, *reactor);
    return reactor;
  }
  PreviewEventsResponse preview;
  std::vector<const datafly::signal::v1::Event*> events =
      EventsOf(*admitted->request);
  Repeats repeats;
  if (admitted->integration->skip_repeats) repeats.TakeOut(events);
  WritePreview(*admitted->request,
               admitted->integration->mapper->Explain(events, clock_()),
               preview);
  repeats.WriteResults(preview);
  reactor->Finish(Serialize(preview, response));
  return reactor;
}

void DeliveryService::Fail(const absl::Status& status,
                           grpc::CallbackServerContext& context,
                           grpc::ServerUnaryReactor& reactor) const {
  if (const std::optional<absl::Duration> retry_after = RetryAfterOf(status)) {
    // gRFC A6.
    context.AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        absl::StrCat(absl::ToInt64Milliseconds(*retry_after)));
  }
  reactor.Finish(ToGrpcStatus(status, errors_page_));
}

absl::StatusOr<DeliveryService::Admitted> DeliveryService::Admit(
    const grpc::CallbackServerContext& context, absl::string_view method,
    const grpc::ByteBuffer& wire, absl::Duration time_left) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Caller> caller,
                   callers_.Identify(context, method));
  ASSIGN_OR_RETURN(const std::string id, ReadIntegrationId(wire));
  // First, or NOT_FOUND would tell which integrations exist.
  RETURN_IF_ERROR(Callers::CheckIntegration(*caller, method, id));
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
  return Admitted{std::move(caller), *std::move(permit), std::move(request),
                  std::move(integration)};
}

}  // namespace signal_delivery::server
