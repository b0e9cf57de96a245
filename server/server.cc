#include "server/server.h"

#include <condition_variable>
#include <initializer_list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "client/wall_clock.h"
#include "datafly/delivery/v1/event_debugger.grpc.pb.h"
#include "grpc/grpc.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/resource_quota.h"
#include "mapping/status_macros.h"
#include "server/log_level_page.h"

namespace signal_delivery::server {
namespace {

// How long calls whose deliveries were ended may take to write their answers.
constexpr absl::Duration kAnswerTime = absl::Seconds(2);

// What connections and calls take of gRPC's memory beside the requests that are
// under way: above it gRPC first slows down its clients, then ends their calls.
constexpr size_t kMemoryReserve = 384 * 1024 * 1024;

// Of gRPC itself, each for one call of reflection or of a method that does not
// exist; beyond, such calls are refused.
constexpr int kMaxSyncThreads = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServiceConfig& config, std::unique_ptr<LiveIntegrations> integrations,
    const ConnectionLimits& limits) {
  auto server = absl::WrapUnique(new Server());
  std::shared_ptr<grpc::ServerCredentials> credentials =
      grpc::InsecureServerCredentials();
  if (config.access.tls.has_value()) {
    ASSIGN_OR_RETURN(
        server->certificates_,
        ServerCertificates::Load(*config.access.tls, client::WallClockNow()));
    credentials = server->certificates_->Credentials();
  }
  server->integrations_ = std::move(integrations);
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Open(
      config.listen, {.max_connections = limits.max_connections,
                      .max_resets_per_second = limits.max_resets_per_second,
                      .send_timeout = limits.keepalive_timeout});
  if (!listener.ok()) {
    return absl::UnavailableError(absl::StrCat("listen: cannot listen on ",
                                               config.listen, ": ",
                                               listener.status().message()));
  }
  server->listener_ = *std::move(listener);
  ASSIGN_OR_RETURN(server->client_, client::DeliveryClient::Create(
                                        {.threads = config.network_threads,
                                         .max_connections_per_host =
                                             config.max_connections_per_host}));
  server->tracer_ = std::make_unique<Tracer>(config.traces);
  if (config.event_debugger) {
    server->recent_events_ = std::make_unique<RecentEvents>();
    server->recorder_ = std::make_unique<EventRecorder>(*server->recent_events_,
                                                        &client::WallClockNow);
  }
  server->grpc_metrics_ =
      std::make_unique<GrpcMetrics>(std::vector<std::string>{
          grpc::health::v1::Health::service_full_name(),
          datafly::delivery::v1::EventDebuggerService::service_full_name(),
          datafly::delivery::v1::DeliveryService::service_full_name()});
  for (auto* calls : {&server->calls_, &server->short_calls_}) {
    calls->reset(new IncomingCall::Shared{
        .unfinished = UnfinishedRequests(limits.request_time),
        .on_reset = [listener = server->listener_.get()](
                        const std::string& peer) { listener->OnReset(peer); }});
  }
  server->service_ = std::make_unique<DeliveryService>(
      *server->integrations_, *server->client_, *server->tracer_,
      *server->calls_, *server->grpc_metrics_,
      DeliveryService::Options{
          .limits = config.admission,
          .call_threads = config.call_threads,
          .callers = config.access.callers,
          .certificates = server->certificates_.get(),
          .errors_page = config.errors_page,
          .max_streams = static_cast<size_t>(config.max_streams),
          // Whatever its connection's age when a stream begins, one that is
          // busy is over before the grace for it is. One that is quiet for long
          // may be cut with the connection.
          .longest_busy_stream = limits.age_grace / 2,
          .recorder = server->recorder_.get()},
      &client::WallClockNow);
  server->event_debugger_ = std::make_unique<EventDebuggerService>(
      *server->integrations_, server->recent_events_.get(), server->callers(),
      *server->short_calls_, *server->grpc_metrics_, config.errors_page);
  if (config.event_debugger) {
    // Whoever watches must ask anew: it may have lost the right to.
    server->callers().OnReplace([events = server->recent_events_.get()] {
      events->EndTails(RecentEvents::Reopening::kAllowed);
    });
  }
  server->events_page_ = std::make_unique<EventsPage>(
      server->recent_events_.get(), config.admin_listen);
  server->metrics_ = std::make_unique<Metrics>(
      *server->integrations_, *server->client_, server->service_->admission(),
      *server->grpc_metrics_, server->service_->stream_metrics(),
      *server->listener_, server->certificates_.get(),
      server->tracer_->exporter());
  if (!config.admin_listen.empty()) {
    ASSIGN_OR_RETURN(
        server->admin_,
        AdminServer::Start(
            config.admin_listen,
            [metrics = server->metrics_.get()] { return metrics->Text(); },
            [page = server->events_page_.get()](httplib::Server& http) {
              AddLogLevelPage(http);
              page->AddTo(http);
            }));
  }

  server->health_ = std::make_unique<HealthService>(
      std::vector<std::string>{
          datafly::delivery::v1::DeliveryService::service_full_name(),
          datafly::delivery::v1::EventDebuggerService::service_full_name()},
      *server->short_calls_, *server->grpc_metrics_);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  server->listener_->AddTo(builder, std::move(credentials));
  server->call_threads_ =
      std::make_unique<CallThreads>(config.call_threads, builder);
  const std::initializer_list<ByteService*> services = {
      server->service_.get(), server->event_debugger_.get(),
      server->health_.get()};
  for (ByteService* service : services) builder.RegisterService(service);
  // A response is at most a few times its request; there is no limit of ours.
  builder.SetMaxSendMessageSize(-1);
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(server->grpc_metrics_->MakeInterceptorFactory());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  SetConnectionLimits(limits, builder);
  // Each stream may hold the largest request, not there to its end.
  const size_t of_streams = static_cast<size_t>(config.max_streams) *
                            static_cast<size_t>(limits.max_request_bytes);
  builder.SetResourceQuota(
      grpc::ResourceQuota("server")
          .Resize(config.admission.max_bytes + of_streams + kMemoryReserve)
          .SetMaxThreads(kMaxSyncThreads));
  server->grpc_ = builder.BuildAndStart();
  if (server->grpc_ == nullptr) {
    return absl::InternalError("gRPC does not start");
  }
  for (ByteService* service : services) {
    service->TakeCalls(*server->call_threads_);
  }
  server->call_threads_->Start();
  server->listener_->Start();
  if (server->admin_ != nullptr) server->admin_->SetReady(true);
  return server;
}

Server::~Server() {
  Drain(absl::ZeroDuration());
  // Every call is answered, but the thread that handed it on may not be out of
  // the other one's inbox yet. So both kinds end before what they hand it to.
  if (service_ != nullptr) service_->StopThreads();
  admin_ = nullptr;  // Metrics ask the client.
  client_ = nullptr;
}

void Server::TryKeysAgain() {
  for (const auto& integration : integrations_->All()) {
    client_->TryKeyAgain(*integration->destination);
  }
}

void Server::Leave() {
  if (admin_ != nullptr) admin_->SetReady(false);
  health_->Drain();
  if (recent_events_ != nullptr) {
    recent_events_->EndTails(RecentEvents::Reopening::kNo);
  }
}

void Server::Drain(absl::Duration grace) {
  if (grpc_ == nullptr) return;
  Leave();
  listener_->Stop();
  // gRPC's shutdown would wait for them. Not before: a stream that is opened
  // instead should come to another replica.
  service_->EndStreams();
  // Whoever does not read must not keep the others waiting.
  if (recent_events_ != nullptr) recent_events_->AbandonTails();

  // gRPC answers calls that it ends with CANCELLED, which tells their callers
  // nothing. So the deliveries end before that, and the calls answer for
  // themselves. Timed here and not by gRPC, nor by absl::Notification: both
  // take wall time, and a step of that clock would cut the calls off.
  std::mutex mutex;
  std::condition_variable changed;
  bool all_answered = false;
  const auto answered_within = [&](absl::Duration time) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, absl::ToChronoNanoseconds(time),
                            [&] { return all_answered; });
  };
  std::thread ender([&] {
    if (answered_within(grace)) return;
    client_->Shutdown();
    if (answered_within(kAnswerTime)) return;
    grpc_server_cancel_all_calls(grpc_->c_server());
  });
  grpc_->Shutdown();
  grpc_->Wait();
  call_threads_->Stop();
  {
    std::lock_guard lock(mutex);
    all_answered = true;
  }
  changed.notify_all();
  ender.join();
  tracer_->Shutdown();
  grpc_ = nullptr;
}

}  // namespace signal_delivery::server
