#ifndef SERVER_TRACER_H_
#define SERVER_TRACER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/verdict.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "grpcpp/support/status.h"
#include "server/call_info.h"
#include "server/integration.h"
#include "server/span_exporter.h"
#include "server/traces_config.h"

namespace signal_delivery::server {

// Continues the traces of callers, hands them on to mParticle, and makes the
// spans of calls and batches where a trace is recorded: where its caller
// records it, or it begins here and chance picked it. Without a collector it
// records nothing and only hands on what callers gave.
//
// Thread-safe.
class Tracer {
 public:
  // Absent: no collector.
  explicit Tracer(const std::optional<TracesConfig>& config);

  // The span of a call that came with this header `traceparent`; "" where there
  // was none. One that is not valid begins a new trace.
  CallInfo Continue(absl::string_view traceparent) const;

  // The span of a batch's delivery, all its attempts; nothing where the call is
  // not recorded.
  std::optional<TraceContext> BeginBatch(const CallInfo& call) const;

  // What the request to mParticle says of its trace: the value of the header
  // `traceparent`. `batch` where the call is recorded; else the caller's own,
  // unchanged, as nothing was added to the trace. "" where the caller gave
  // none and there is no collector.
  std::string HandOn(const CallInfo& call,
                     const std::optional<TraceContext>& batch) const;

  struct Batch {
    TraceContext context;
    absl::Time start;
    absl::Time end;
    datafly::delivery::v1::Reason reason;
    const client::Verdict& verdict;
    size_t events;
    absl::string_view source_request_id;
  };
  // A batch that BeginBatch gave a context to has its verdict.
  void RecordBatch(const CallInfo& call, const Integration& integration,
                   const Batch& batch);

  struct Call {
    absl::Time start;
    absl::Time end;
    absl::string_view integration;
    grpc::StatusCode status = grpc::StatusCode::OK;
    // "" where it is OK.
    std::string error_reason;
    // Null where the call failed as a whole.
    const datafly::delivery::v1::DeliverEventsResponse* response = nullptr;
  };
  // A DeliverEvents call, or a request of a stream, ended. Does nothing where
  // it is not recorded.
  void RecordCall(const CallInfo& info, const Call& call);

  bool Records(const CallInfo& call) const {
    return exporter_ != nullptr && call.trace.sampled();
  }

  // Null where there is no collector.
  const SpanExporter* exporter() const { return exporter_.get(); }
  // Sends what is still to be sent; nothing is recorded later.
  void Shutdown();

 private:
  const double sample_ratio_;
  const std::unique_ptr<SpanExporter> exporter_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_TRACER_H_
