#include "server/request_intake.h"

#include <utility>

#include "client/load.h"
#include "mapping/status_macros.h"
#include "server/callers.h"
#include "server/status.h"

namespace signal_delivery::server {

RequestIntake::RequestIntake(const LiveIntegrations& integrations,
                             client::DeliveryClient& client, Tracer& tracer,
                             EventRecorder* recorder, Admission::Limits limits,
                             Clock clock)
    : integrations_(integrations),
      client_(client),
      tracer_(tracer),
      recorder_(recorder),
      clock_(std::move(clock)),
      log_(clock_),
      admission_(limits) {}

absl::StatusOr<RequestIntake::Admitted> RequestIntake::Admit(
    const Caller& caller, const grpc::ByteBuffer& wire,
    absl::Duration time_left, Asked& asked) {
  ASSIGN_OR_RETURN(RequestOutline outline, ReadOutline(wire));
  asked.integration = std::move(outline.integration_id);
  const std::string& id = asked.integration;
  // First, or NOT_FOUND would tell which integrations exist.
  RETURN_IF_ERROR(Callers::CheckIntegration(caller, asked.info.method, id));
  std::shared_ptr<const Integration> integration = integrations_.Find(id);
  if (integration == nullptr) return NoSuchIntegration(id);
  const client::Load& load = integration->destination->load();
  absl::StatusOr<Admission::Permit> permit = admission_.Admit(
      id, wire.Length(), absl::FromChrono(load.EstimatedWait()), time_left);
  if (!permit.ok()) {
    integration->metrics->OnRefusal(ErrorReasonOf(permit.status()));
    return permit.status();
  }
  return Admitted{*std::move(permit), std::move(integration),
                  wire.Length() > kMostBytesOfAShortRequest ||
                      outline.events > kMostEventsOfAShortRequest};
}

absl::Status RequestIntake::Deliver(
    std::shared_ptr<const Integration> integration,
    const grpc::ByteBuffer& wire, Asked& asked, absl::Duration time_left,
    std::stop_token cancellation, DeliveryCall::Executor executor,
    DeliveryCall::Done done) {
  ASSIGN_OR_RETURN(std::unique_ptr<EventRequest> request,
                   EventRequest::Read(wire));
  DeliveryCall::Start(
      {.request = std::move(request),
       .integration = std::move(integration),
       .taken_in_at = asked.at,
       .deadline = asked.at + absl::ToChronoNanoseconds(time_left),
       .cancellation = std::move(cancellation),
       .info = std::move(asked.info),
       .executor = std::move(executor)},
      clock_(), {client_, taken_, refused_, log_, tracer_, recorder_},
      std::move(done));
  return absl::OkStatus();
}

void RequestIntake::TellOfRefusal(const Asked& asked,
                                  const absl::Status& status) {
  log_.OnRefusal(asked.info, asked.integration, status);
  if (asked.info.method == "PreviewEvents" || !tracer_.Records(asked.info)) {
    return;
  }
  const absl::Time now = clock_();
  tracer_.RecordCall(
      asked.info,
      {.start =
           now - absl::FromChrono(std::chrono::steady_clock::now() - asked.at),
       .end = now,
       .status = static_cast<grpc::StatusCode>(status.raw_code()),
       .error_reason = ErrorReasonOf(status)});
}

}  // namespace signal_delivery::server
