#include "server/health_service.h"

#include <memory>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/message_bytes.h"

namespace signal_delivery::server {
namespace {

using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

grpc::ByteBuffer Says(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse response;
  response.set_status(status);
  return ToBytes(response);
}

grpc::Status Unreadable() {
  return {grpc::StatusCode::INVALID_ARGUMENT,
          "the request is not a HealthCheckRequest"};
}

}  // namespace

// One stream: writes the health as it is, and once more when the server drains.
class HealthService::Watcher final : public IncomingCall {
 public:
  Watcher(HealthService& service, std::unique_ptr<CallHeaders> headers,
          Shared& calls)
      : IncomingCall(std::move(headers), calls), service_(service) {}

  // What follows, except for gRPC's functions, is called under the service's
  // mutex.

  void Begin(HealthCheckResponse::ServingStatus status) {
    at_the_end_ = status == HealthCheckResponse::SERVICE_UNKNOWN
                      ? status
                      : HealthCheckResponse::NOT_SERVING;
    StartWrite(Says(status));
  }

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
    IncomingCall::OnCancel();
    std::lock_guard lock(service_.mutex_);
    End(grpc::Status::CANCELLED);
  }

  void End(const grpc::Status& status) {
    if (service_.watchers_.erase(this) == 0) return;
    if (status.ok()) {
      WriteAndFinish(Says(at_the_end_), status);
    } else {
      Fail(status);
    }
  }

  HealthService& service_;
  HealthCheckResponse::ServingStatus at_the_end_;
  bool written_ = false;
  bool draining_ = false;
};

HealthService::HealthService(const std::vector<std::string>& services,
                             IncomingCall::Shared& calls, GrpcMetrics& metrics)
    : ByteService(Health::service_full_name(), metrics),
      services_(services.begin(), services.end()) {
  services_.insert("");
  AddMethod("Check", [this, &calls](std::unique_ptr<CallHeaders> headers) {
    auto* const call = new IncomingCall(std::move(headers), calls);
    call->Read([this, call](const grpc::ByteBuffer& request) {
      Check(*call, request);
    });
  });
  AddMethod("Watch", [this, &calls](std::unique_ptr<CallHeaders> headers) {
    auto* const watcher = new Watcher(*this, std::move(headers), calls);
    watcher->Read([this, watcher](const grpc::ByteBuffer& request) {
      Watch(*watcher, request);
    });
  });
}

void HealthService::Drain() {
  std::lock_guard lock(mutex_);
  draining_ = true;
  // A watcher that ends leaves the set.
  const std::set<Watcher*> watchers = watchers_;
  for (Watcher* watcher : watchers) watcher->Drain();
}

void HealthService::Check(IncomingCall& call, const grpc::ByteBuffer& request) {
  HealthCheckRequest asked;
  if (!FromBytes(request, asked)) return call.Fail(Unreadable());
  if (!services_.contains(asked.service())) {
    return call.Fail({grpc::StatusCode::NOT_FOUND, "there is no such service"});
  }
  std::lock_guard lock(mutex_);
  call.Answer(Says(draining_ ? HealthCheckResponse::NOT_SERVING
                             : HealthCheckResponse::SERVING));
}

void HealthService::Watch(Watcher& watcher, const grpc::ByteBuffer& request) {
  HealthCheckRequest asked;
  if (!FromBytes(request, asked)) return watcher.Fail(Unreadable());
  std::lock_guard lock(mutex_);
  HealthCheckResponse::ServingStatus status = HealthCheckResponse::SERVING;
  if (!services_.contains(asked.service())) {
    status = HealthCheckResponse::SERVICE_UNKNOWN;
  } else if (draining_) {
    status = HealthCheckResponse::NOT_SERVING;
  }
  watcher.Begin(status);
  watchers_.insert(&watcher);
  if (draining_) watcher.Drain();
}

}  // namespace signal_delivery::server
