#ifndef SERVER_EVENT_DEBUGGER_SERVICE_H_
#define SERVER_EVENT_DEBUGGER_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "datafly/delivery/v1/event_debugger.pb.h"
#include "server/byte_service.h"
#include "server/callers.h"
#include "server/event_filter.h"
#include "server/grpc_metrics.h"
#include "server/incoming_call.h"
#include "server/live_integrations.h"
#include "server/recent_events.h"

namespace signal_delivery::server {

// How many of the kept events a tail begins with, unless it says.
inline constexpr int kRecentByDefault = 20;
inline constexpr int kMaxRecent = 10'000;

// The event debugger over gRPC: streams events to callers who may see them.
// Streams end when the service begins to end, or gRPC's shutdown would wait for
// them.
//
// Thread-safe. Borrows all that it is given by reference and the events, which
// must outlive every call.
class EventDebuggerService final : public ByteService {
 public:
  // Without `events` the event debugger is off, and every call is told so.
  // `errors_page` is where callers find ERRORS.md.
  EventDebuggerService(const LiveIntegrations& integrations,
                       RecentEvents* events, const Callers& callers,
                       IncomingCall::Shared& calls, GrpcMetrics& metrics,
                       std::string errors_page);

 private:
  class Stream;

  void TailEvents(Stream& stream, const grpc::ByteBuffer& request);
  // Who calls, if it may.
  absl::StatusOr<std::shared_ptr<const Caller>> CheckCaller(
      const grpc::ServerContext& context) const;
  // What the caller asks for and may see.
  absl::StatusOr<EventFilter> Admit(
      const grpc::ServerContext& context,
      const datafly::delivery::v1::TailEventsRequest& request) const;

  const LiveIntegrations& integrations_;
  RecentEvents* const events_;
  const Callers& callers_;
  const std::string errors_page_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_EVENT_DEBUGGER_SERVICE_H_
