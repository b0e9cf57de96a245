#ifndef SERVER_GRPC_METRICS_H_
#define SERVER_GRPC_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/status.h"
#include "prometheus/histogram.h"
#include "server/metric_families.h"

namespace signal_delivery::server {

// The buckets that gRFC A66 gives to durations, and the names of its label
// `grpc_status`; UNKNOWN of what is no status.
const prometheus::Histogram::BucketBoundaries& GrpcDurationBuckets();
absl::string_view NameOfGrpcStatus(grpc::StatusCode status);

// Measures the calls of a gRPC server under the names that gRPC itself gives
// to these metrics where it has OpenTelemetry (gRFC A66), which our version has
// not. Methods that are not of the services named share the label "other".
//
// Thread-safe.
class GrpcMetrics {
 public:
  // Full names of services whose code is linked in. Of those that take their
  // requests as bytes, the size of the requests is measured, too.
  GrpcMetrics(const std::vector<std::string>& services,
              const std::vector<std::string>& services_of_bytes);
  GrpcMetrics(const GrpcMetrics&) = delete;
  GrpcMetrics& operator=(const GrpcMetrics&) = delete;

  // Sees the calls of the server that it is given to. Borrows this.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
  MakeInterceptorFactory();

  void AddTo(MetricFamilies& families) const;

 private:
  class CallObserver;
  class Factory;

  static constexpr size_t kStatusCodes = grpc::StatusCode::UNAUTHENTICATED + 1;

  struct Ended {
    Ended();
    prometheus::Histogram seconds;
    prometheus::Histogram sent_bytes;
    prometheus::Histogram received_bytes;
  };
  struct Method {
    std::string name;  // "package.Service/Method"
    bool takes_bytes = false;
    std::atomic<uint64_t> started = 0;
    std::array<Ended, kStatusCodes> ended;
  };

  void AddService(const std::string& name, bool takes_bytes);
  // `name` as on the wire, with a slash before it.
  Method& MethodOf(absl::string_view name);

  // Few: looking through them is faster than a hash. The last is "other".
  std::deque<Method> methods_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_GRPC_METRICS_H_
