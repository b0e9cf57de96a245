#ifndef SERVER_CALL_INFO_H_
#define SERVER_CALL_INFO_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/trace_context.h"

namespace signal_delivery::server {

// What logs, traces and the event debugger say of a call, beside what became of
// its events. A plain value.
struct CallInfo {
  // The caller's name in the service's file; empty where anyone may call.
  std::string caller;
  // The call's own span.
  TraceContext trace;
  // The caller's span, where it told of a valid one; then of the same trace.
  std::optional<TraceContext> parent;
  // By which it came, such as "DeliverEvents"; a text that outlives the call.
  absl::string_view method;
};

}  // namespace signal_delivery::server

#endif  // SERVER_CALL_INFO_H_
