#include "server/tracer.h"

#include <array>
#include <utility>

#include "absl/random/bernoulli_distribution.h"
#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/reasons.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;

constexpr absl::string_view kRpcService = "datafly.delivery.v1.DeliveryService";

// Ids are not secrets.
absl::InsecureBitGen& Random() {
  static thread_local absl::InsecureBitGen random;
  return random;
}

std::string NameOfReason(Reason reason) {
  return std::string(absl::StripPrefix(Reason_Name(reason), "REASON_"));
}

void AddText(const char* key, absl::string_view text, Span& span) {
  if (text.empty()) return;
  span.attributes.emplace_back(key, std::string(text));
}
void AddNumber(const std::string& key, int64_t number, Span& span) {
  span.attributes.emplace_back(key, number);
}

void AddOutcomes(const datafly::delivery::v1::DeliverEventsResponse& response,
                 Span& span) {
  std::array<int, datafly::delivery::v1::Outcome_ARRAYSIZE> counts = {};
  for (const auto& result : response.results()) ++counts[result.outcome()];
  AddNumber("signal_delivery.events", response.results_size(), span);
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const std::string& name = Outcome_Name(static_cast<Outcome>(i));
    AddNumber(absl::StrCat(
                  "signal_delivery.events.",
                  absl::AsciiStrToLower(absl::StripPrefix(name, "OUTCOME_"))),
              counts[i], span);
  }
}

}  // namespace

Tracer::Tracer(const std::optional<TracesConfig>& config)
    : sample_ratio_(config.has_value() ? config->sample_ratio : 0),
      exporter_(config.has_value() ? std::make_unique<SpanExporter>(*config)
                                   : nullptr) {}

CallInfo Tracer::Continue(absl::string_view traceparent) const {
  const std::optional<TraceContext> parent = TraceContext::Parse(traceparent);
  if (parent.has_value()) {
    return {.trace = parent->Child(Random()), .parent = parent};
  }
  const bool sampled =
      sample_ratio_ > 0 && absl::Bernoulli(Random(), sample_ratio_);
  return {.trace = TraceContext::Begin(sampled, Random())};
}

std::optional<TraceContext> Tracer::BeginBatch(const CallInfo& call) const {
  if (!Records(call)) return std::nullopt;
  return call.trace.Child(Random());
}

std::string Tracer::HandOn(const CallInfo& call,
                           const std::optional<TraceContext>& batch) const {
  if (batch.has_value()) return batch->ToTraceparent();
  if (call.parent.has_value()) return call.parent->ToTraceparent();
  // That chance did not pick it holds for those behind us, too.
  return exporter_ != nullptr ? call.trace.ToTraceparent() : "";
}

void Tracer::RecordBatch(const CallInfo& call, const Integration& integration,
                         const Batch& batch) {
  const client::Verdict& verdict = batch.verdict;
  const client::Endpoint& endpoint = integration.destination->endpoint();
  Span span{.context = batch.context,
            .parent_id = call.trace.span_id(),
            .name = "POST /v2/events",
            .kind = Span::Kind::kClient,
            .start = batch.start,
            .end = batch.end,
            .failed = verdict.kind != client::Verdict::Kind::kAccepted};
  AddText("http.request.method", "POST", span);
  AddText("server.address", endpoint.host, span);
  AddNumber("server.port", endpoint.port, span);
  if (verdict.http_status != 0) {
    AddNumber("http.response.status_code", verdict.http_status, span);
  }
  AddText("signal_delivery.integration", integration.id, span);
  AddText("signal_delivery.reason", NameOfReason(batch.reason), span);
  AddNumber("signal_delivery.events", static_cast<int64_t>(batch.events), span);
  AddNumber("signal_delivery.attempts", verdict.attempts, span);
  AddText("signal_delivery.source_request_id", batch.source_request_id, span);
  exporter_->Add(std::move(span));
}

void Tracer::RecordCall(const CallInfo& info, const Call& call) {
  if (!Records(info)) return;
  Span span{.context = info.trace,
            .parent_id = info.parent.has_value() ? info.parent->span_id() : "",
            .name = std::string(info.method),
            .kind = Span::Kind::kServer,
            .start = call.start,
            .end = call.end,
            .failed = call.status != grpc::StatusCode::OK};
  AddText("rpc.system", "grpc", span);
  AddText("rpc.service", kRpcService, span);
  AddText("rpc.method", info.method, span);
  AddNumber("rpc.grpc.status_code", call.status, span);
  AddText("signal_delivery.integration", call.integration, span);
  AddText("signal_delivery.caller", info.caller, span);
  AddText("signal_delivery.reason", call.error_reason, span);
  if (call.response != nullptr) AddOutcomes(*call.response, span);
  exporter_->Add(std::move(span));
}

void Tracer::Shutdown() {
  if (exporter_ != nullptr) exporter_->Shutdown();
}

}  // namespace signal_delivery::server
