#ifndef SERVER_GRPC_METRICS_H_
#define SERVER_GRPC_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
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
  // Full names of services whose code is linked in.
  explicit GrpcMetrics(const std::vector<std::string>& services);
  GrpcMetrics(const GrpcMetrics&) = delete;
  GrpcMetrics& operator=(const GrpcMetrics&) = delete;

  // Of one method.
  struct Method;
  // `name` as on the wire, with a slash before it. There is always one.
  Method& MethodOf(absl::string_view name);

  // One call, from its headers to its status. Borrows the method. OnReceived is
  // thread-safe.
  class Call {
   public:
    explicit Call(Method& method);
    void OnReceived(size_t bytes) {
      received_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    void OnSent(size_t bytes) { sent_bytes_ += bytes; }
    // The call takes no longer; its status is told later.
    void Stop() { stopped_ = std::chrono::steady_clock::now(); }
    // Once.
    void End(grpc::StatusCode status);

   private:
    Method& method_;
    const std::chrono::steady_clock::time_point started_;
    size_t sent_bytes_ = 0;
    std::atomic<size_t> received_bytes_ = 0;
    std::optional<std::chrono::steady_clock::time_point> stopped_;
  };

  // Sees the calls that nobody else measures, those of "other" methods, of the
  // server that it is given to. Borrows this.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
  MakeInterceptorFactory();

  void AddTo(MetricFamilies& families) const;

 private:
  class Observer;
  class Factory;

  void AddService(const std::string& name);

  // Few: looking through them is faster than a hash. The last is "other".
  std::deque<Method> methods_;
};

struct GrpcMetrics::Method {
  static constexpr size_t kStatusCodes = grpc::StatusCode::UNAUTHENTICATED + 1;
  struct Ended {
    Ended();
    prometheus::Histogram seconds;
    prometheus::Histogram sent_bytes;
    prometheus::Histogram received_bytes;
  };

  std::string name;  // "package.Service/Method"
  bool is_other = false;
  std::atomic<uint64_t> started = 0;
  std::array<Ended, kStatusCodes> ended;
};

}  // namespace signal_delivery::server

#endif  // SERVER_GRPC_METRICS_H_
