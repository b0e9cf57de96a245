#ifndef SERVER_PROCESS_METRICS_H_
#define SERVER_PROCESS_METRICS_H_

#include "server/metric_families.h"

namespace signal_delivery::server {

// Adds what this process uses of the machine, from /proc, under the names that
// Prometheus' own client libraries give to it. What /proc does not tell is left
// out. Thread-safe.
void AddProcessMetrics(MetricFamilies& families);

}  // namespace signal_delivery::server

#endif  // SERVER_PROCESS_METRICS_H_
