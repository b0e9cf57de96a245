#ifndef SERVER_STREAM_METRICS_H_
#define SERVER_STREAM_METRICS_H_

#include <array>
#include <chrono>

#include "grpcpp/support/status.h"
#include "prometheus/histogram.h"
#include "server/metric_families.h"
#include "server/open_streams.h"

namespace signal_delivery::server {

// Measures the requests of streams, as gRPC's own metrics measure calls: to
// those a stream is one call, however many requests it has.
//
// Thread-safe. Borrows the streams.
class StreamMetrics {
 public:
  explicit StreamMetrics(const OpenStreams& streams) : streams_(streams) {}

  // A request that came then is answered now: OK, or with an error.
  void OnAnswer(std::chrono::steady_clock::time_point came_at,
                grpc::StatusCode status);

  void AddTo(MetricFamilies& families) const;

 private:
  struct Seconds {
    Seconds();
    prometheus::Histogram histogram;
  };

  const OpenStreams& streams_;
  std::array<Seconds, grpc::StatusCode::UNAUTHENTICATED + 1> by_status_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_STREAM_METRICS_H_
