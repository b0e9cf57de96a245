#include "server/health_service.h"

namespace signal_delivery::server {

using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

// One stream: writes the health as it is, and once more when the server drains.
// Deletes itself when gRPC is done with it.
class HealthService::Watcher final
    : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService& service, HealthCheckResponse::ServingStatus status)
      : service_(service) {
    now_.set_status(status);
    StartWrite(&now_);
    at_the_end_.set_status(status == HealthCheckResponse::SERVICE_UNKNOWN
                               ? status
                               : HealthCheckResponse::NOT_SERVING);
  }

  // What follows, except for OnDone, is called under the service's mutex.

  void Drain() {
    draining_ = true;
    // Two writes at a time are not allowed.
    if (written_) End(grpc::Status::OK);
  }

 private:
  void OnWriteDone(bool ok) override {
    std::lock_guard lock(service_.mutex_);
    written_ = true;
    if (!ok) return End(grpc::Status::CANCELLED);
    if (draining_) End(grpc::Status::OK);
  }

  void OnCancel() override {
    std::lock_guard lock(service_.mutex_);
    End(grpc::Status::CANCELLED);
  }

  void OnDone() override { delete this; }

  void End(const grpc::Status& status) {
    if (service_.watchers_.erase(this) == 0) return;
    if (status.ok()) {
      StartWriteAndFinish(&at_the_end_, grpc::WriteOptions(), status);
    } else {
      Finish(status);
    }
  }

  HealthService& service_;
  HealthCheckResponse now_;
  HealthCheckResponse at_the_end_;
  bool written_ = false;
  bool draining_ = false;
};

HealthService::HealthService(const std::vector<std::string>& services)
    : services_(services.begin(), services.end()) {
  services_.insert("");
}

void HealthService::Drain() {
  std::lock_guard lock(mutex_);
  draining_ = true;
  // A watcher that ends leaves the set.
  const std::set<Watcher*> watchers = watchers_;
  for (Watcher* watcher : watchers) watcher->Drain();
}

grpc::ServerUnaryReactor* HealthService::Check(
    grpc::CallbackServerContext* context, const HealthCheckRequest* request,
    HealthCheckResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (!services_.contains(request->service())) {
    reactor->Finish(
        grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no such service"));
    return reactor;
  }
  std::lock_guard lock(mutex_);
  response->set_status(draining_ ? HealthCheckResponse::NOT_SERVING
                                 : HealthCheckResponse::SERVING);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext* /*context*/,
    const HealthCheckRequest* request) {
  std::lock_guard lock(mutex_);
  HealthCheckResponse::ServingStatus status = HealthCheckResponse::SERVING;
  if (!services_.contains(request->service())) {
    status = HealthCheckResponse::SERVICE_UNKNOWN;
  } else if (draining_) {
    status = HealthCheckResponse::NOT_SERVING;
  }
  auto* watcher = new Watcher(*this, status);
  watchers_.insert(watcher);
  if (draining_) watcher->Drain();
  return watcher;
}

}  // namespace signal_delivery::server
