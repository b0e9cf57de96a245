#ifndef SERVER_DELIVERY_SERVICE_H_
#define SERVER_DELIVERY_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "server/access_config.h"
#include "server/admission.h"
#include "server/byte_service.h"
#include "server/callers.h"
#include "server/event_recorder.h"
#include "server/grpc_metrics.h"
#include "server/incoming_call.h"
#include "server/incoming_stream.h"
#include "server/live_integrations.h"
#include "server/open_streams.h"
#include "server/request_intake.h"
#include "server/stream_messages.h"
#include "server/stream_metrics.h"
#include "server/task_threads.h"
#include "server/tracer.h"

namespace signal_delivery::server {

// A call without a deadline gets this one.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(30);
// A call is answered so long before its deadline that the caller reads the
// answer and not DEADLINE_EXCEEDED; but a short deadline gives at most a
// quarter of itself away.
inline constexpr absl::Duration kAnswerMargin = absl::Milliseconds(100);

// The gRPC face of the service: knows the caller of a call or stream, reads its
// requests, has them delivered, and answers. It takes requests as bytes,
// because the bad events of a request must be told from the good ones (see
// EventRequest).
//
// Thread-safe. Borrows all that it is given by reference and the certificates,
// which must outlive every call, as this must.
class DeliveryService final : public ByteService {
 public:
  using Clock = std::function<absl::Time()>;
  struct Options {
    Admission::Limits limits;
    // As many deliver long requests beside them.
    int call_threads = 1;
    // Absent: anyone may call everything.
    std::optional<std::vector<Caller>> callers;
    // Null where the port is plaintext.
    const ServerCertificates* certificates = nullptr;
    // Where callers find ERRORS.md.
    std::string errors_page;
    size_t max_streams = 0;
    // A stream that has been open for longer is ended with its next request.
    absl::Duration longest_busy_stream;
    // Borrowed; null where the event debugger is off.
    EventRecorder* recorder = nullptr;
  };

  DeliveryService(const LiveIntegrations& integrations,
                  client::DeliveryClient& client, Tracer& tracer,
                  IncomingCall::Shared& calls, GrpcMetrics& metrics,
                  Options options, Clock clock);

  const Admission& admission() const { return intake_.admission(); }
  Callers& callers() { return callers_; }
  const StreamMetrics& stream_metrics() const { return stream_metrics_; }

  // Ends the streams, each when what is under way on it is answered; further
  // ones are not taken.
  void EndStreams() { streams_.EndAll(); }

  // Once no call is under way: returns when its threads are done with the last
  // ones, and with the client. None may come after that.
  void StopThreads() { long_deliveries_.Stop(); }

 private:
  using Asked = RequestIntake::Asked;

  // What a method does with a call of this caller, and its request.
  using Method = void (DeliveryService::*)(IncomingCall& call, Asked asked,
                                           const Caller& caller,
                                           const grpc::ByteBuffer& request);

  // A method with one request and one response.
  void AddUnaryMethod(absl::string_view name, Method method);

  // Of a call, or a request of a stream, that comes now.
  Asked AskedNow(const grpc::ServerContext& context,
                 absl::string_view name) const;

  // Of a call of which the headers are there: reads its request where its
  // caller may make it.
  void Begin(IncomingCall& call, absl::string_view name, Method method);
  void Refuse(const Asked& asked, const absl::Status& status,
              IncomingCall& call);

  // Where what `call` asks is answered: what takes long is there, too.
  DeliveryCall::Executor ExecutorFor(ByteCall& call, bool takes_long);
  void DeliverEvents(IncomingCall& call, Asked asked, const Caller& caller,
                     const grpc::ByteBuffer& request);
  void PreviewEvents(IncomingCall& call, Asked asked, const Caller& caller,
                     const grpc::ByteBuffer& request);

  // What PreviewEvents does for a request that was admitted.
  void Preview(IncomingCall& call, const Asked& asked,
               const Integration& integration, const grpc::ByteBuffer& wire);
  // Where nobody waits for the answer of what had to wait itself.
  static bool EndIfCancelled(IncomingCall& call);

  // Of a stream of which the headers are there.
  void BeginStream(IncomingStream& stream);
  void OnStreamed(IncomingStream& stream, IncomingStream::Request& request,
                  const grpc::ByteBuffer& wire);
  // Sets what the request has for its deliveries.
  absl::StatusOr<RequestIntake::Admitted> AdmitStreamed(
      IncomingStream& stream, const grpc::ByteBuffer& wire,
      const StreamFields& fields, absl::Duration& time_left, Asked& asked);
  // Without an id nobody could tell which request is refused: ends the stream.
  void RefuseStreamed(IncomingStream::Request& request,
                      std::optional<uint64_t> id, const absl::Status& status,
                      const Asked& asked);

  // Answers that the call failed; its client may heed when to make it again.
  void Fail(const absl::Status& status, IncomingCall& call) const;

  Tracer& tracer_;
  Callers callers_;
  const std::string errors_page_;
  RequestIntake intake_;
  IncomingCall::Shared& calls_;
  // Of those that would keep the threads of calls for too long. Previews have
  // one of their own: they take longest, and deliveries go first.
  TaskThreads long_deliveries_;
  TaskThreads previews_{1};
  const absl::Duration longest_busy_stream_;
  OpenStreams streams_;
  StreamMetrics stream_metrics_{streams_};
};

}  // namespace signal_delivery::server

#endif  // SERVER_DELIVERY_SERVICE_H_
