#ifndef SERVER_SERVER_H_
#define SERVER_SERVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "grpcpp/server.h"
#include "server/admin_server.h"
#include "server/call_threads.h"
#include "server/connection_limits.h"
#include "server/delivery_service.h"
#include "server/event_debugger_service.h"
#include "server/event_recorder.h"
#include "server/events_page.h"
#include "server/grpc_metrics.h"
#include "server/health_service.h"
#include "server/incoming_call.h"
#include "server/listener.h"
#include "server/live_integrations.h"
#include "server/metrics.h"
#include "server/recent_events.h"
#include "server/server_certificates.h"
#include "server/service_config.h"
#include "server/tracer.h"

namespace signal_delivery::server {

// The running service: the gRPC port with delivery, health and reflection, the
// admin port, and the client to mParticle, wired together.
class Server {
 public:
  // Listens and takes calls. The error says what of the configuration does not
  // work on this machine; INVALID_ARGUMENT where its files of `tls` are wrong.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServiceConfig& config,
      std::unique_ptr<LiveIntegrations> integrations,
      const ConnectionLimits& limits = {});
  // As Drain(0); then all threads end.
  ~Server();

  LiveIntegrations& integrations() { return *integrations_; }
  Callers& callers() { return service_->callers(); }
  // Null where the port is plaintext.
  ServerCertificates* certificates() { return certificates_.get(); }
  int port() const { return listener_->port(); }
  // 0 where there is none.
  int admin_port() const { return admin_ == nullptr ? 0 : admin_->port(); }

  // Somebody put something right, perhaps at mParticle: integrations whose key
  // was refused try it at once.
  void TryKeysAgain();

  // Says that it is about to end (health, /readyz), so that clients turn to
  // other replicas; still takes calls.
  void Leave();

  // Takes no more calls, lets those under way finish for at most `grace`, then
  // ends them: each still gets its answer, with the truth about every event.
  // Returns when the last one is answered. Only the first call does anything.
  void Drain(absl::Duration grace);

 private:
  Server() = default;

  // In the order in which they are made; the later ones use the earlier ones.
  std::unique_ptr<LiveIntegrations> integrations_;
  std::unique_ptr<ServerCertificates> certificates_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<client::DeliveryClient> client_;
  std::unique_ptr<Tracer> tracer_;
  // Null where the event debugger is off.
  std::unique_ptr<RecentEvents> recent_events_;
  std::unique_ptr<EventRecorder> recorder_;
  std::unique_ptr<GrpcMetrics> grpc_metrics_;
  std::unique_ptr<IncomingCall::Shared> calls_;  // of DeliveryService
  // Of services whose requests are short, and may be anybody's: who sends them
  // slowly is in nobody else's way.
  std::unique_ptr<IncomingCall::Shared> short_calls_;
  std::unique_ptr<DeliveryService> service_;
  std::unique_ptr<EventDebuggerService> event_debugger_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<EventsPage> events_page_;
  std::unique_ptr<AdminServer> admin_;
  std::unique_ptr<CallThreads> call_threads_;
  std::unique_ptr<grpc::Server> grpc_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_SERVER_H_
