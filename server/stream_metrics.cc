#include "server/stream_metrics.h"

#include <string>

#include "server/grpc_metrics.h"

namespace signal_delivery::server {

StreamMetrics::Seconds::Seconds() : histogram(GrpcDurationBuckets()) {}

void StreamMetrics::OnAnswer(std::chrono::steady_clock::time_point came_at,
                             grpc::StatusCode status) {
  by_status_[status].histogram.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - came_at)
          .count());
}

void StreamMetrics::AddTo(MetricFamilies& families) const {
  families.AddGauge("signal_delivery_streams", "Streams that are open.", {},
                    static_cast<double>(streams_.count()));
  families.AddGauge("signal_delivery_streams_limit", "The most of them.", {},
                    static_cast<double>(streams_.max()));
  for (size_t i = 0; i < by_status_.size(); ++i) {
    const auto status = static_cast<grpc::StatusCode>(i);
    const prometheus::Histogram& histogram = by_status_[i].histogram;
    // As gRPC's: of what never came there is nothing to say; but OK is there.
    if (status != grpc::StatusCode::OK &&
        histogram.Collect().histogram.sample_count == 0) {
      continue;
    }
    families.AddHistogram(
        "signal_delivery_stream_request_duration_seconds",
        "Time from when a stream's request was read to its response.",
        {{"grpc_status", std::string(NameOfGrpcStatus(status))}}, histogram);
  }
}

}  // namespace signal_delivery::server
