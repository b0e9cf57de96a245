#ifndef SERVER_TRACE_CONTEXT_H_
#define SERVER_TRACE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/random/bit_gen_ref.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::server {

// Which trace a piece of work belongs to, and which span of it the work is: the
// W3C's Trace Context (level 1), without tracestate, which is for those who
// know the vendor that wrote it. A plain value.
class TraceContext {
 public:
  // A trace that begins here.
  static TraceContext Begin(bool sampled, absl::BitGenRef random);
  // What the header `traceparent` says; nothing where it is not valid: the
  // standard asks to begin a trace then.
  static std::optional<TraceContext> Parse(absl::string_view traceparent);

  // A span of its own in the same trace.
  TraceContext Child(absl::BitGenRef random) const;

  // 32 and 16 lower-case hexadecimal digits.
  std::string trace_id() const;
  std::string span_id() const;
  // Whether those before us record the trace.
  bool sampled() const { return sampled_; }
  // The value of the header `traceparent`.
  std::string ToTraceparent() const;

 private:
  TraceContext() = default;

  uint64_t trace_id_high_ = 0;
  uint64_t trace_id_low_ = 0;
  uint64_t span_id_ = 0;
  bool sampled_ = false;
};

}  // namespace signal_delivery::server

#endif  // SERVER_TRACE_CONTEXT_H_
