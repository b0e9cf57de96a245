#ifndef SERVER_HEALTH_SERVICE_H_
#define SERVER_HEALTH_SERVICE_H_

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "grpc/health/v1/health.pb.h"
#include "server/byte_service.h"
#include "server/grpc_metrics.h"
#include "server/incoming_call.h"

namespace signal_delivery::server {

// gRPC's health-checking protocol: the server as a whole and each of its
// services are SERVING until Drain, and NOT_SERVING from then on.
//
// gRPC brings a service of its own for this, but that one keeps the streams of
// those who watch open, and gRPC's shutdown waits for every stream: a server
// with a watching load balancer would never be done before its grace is over.
// This one tells them and ends their streams.
//
// Thread-safe. Borrows what calls share.
class HealthService final : public ByteService {
 public:
  // `services` are full names; the server as a whole ("") is added.
  HealthService(const std::vector<std::string>& services,
                IncomingCall::Shared& calls, GrpcMetrics& metrics);

  // Only the first call does anything.
  void Drain();

 private:
  class Watcher;

  void Check(IncomingCall& call, const grpc::ByteBuffer& request);
  void Watch(Watcher& watcher, const grpc::ByteBuffer& request);

  absl::flat_hash_set<std::string> services_;  // never changed

  std::mutex mutex_;  // guards what follows
  bool draining_ = false;
  std::set<Watcher*> watchers_;  // those whose streams are not ended
};

}  // namespace signal_delivery::server

#endif  // SERVER_HEALTH_SERVICE_H_
