#ifndef SERVER_SPAN_H_
#define SERVER_SPAN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "server/trace_context.h"

namespace signal_delivery::server {

// A piece of work that is over, as OpenTelemetry has it. A plain value. Its
// attributes are what logs may hold, and no more.
struct Span {
  // The values that OTLP gives them.
  enum class Kind { kServer = 2, kClient = 3 };
  using Value = std::variant<std::string, int64_t>;

  TraceContext context;
  // Empty where the trace begins with it.
  std::string parent_id;
  std::string name;
  Kind kind;
  absl::Time start;
  absl::Time end;
  std::vector<std::pair<std::string, Value>> attributes;
  bool failed = false;
};

// The body of a request to a collector: OTLP's ExportTraceServiceRequest in its
// JSON form.
std::string ToOtlpJson(const std::vector<Span>& spans);

}  // namespace signal_delivery::server

#endif  // SERVER_SPAN_H_
