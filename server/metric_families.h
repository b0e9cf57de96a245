#ifndef SERVER_METRIC_FAMILIES_H_
#define SERVER_METRIC_FAMILIES_H_

#include <string>
#include <vector>

#include "prometheus/client_metric.h"
#include "prometheus/histogram.h"
#include "prometheus/metric_family.h"

namespace signal_delivery::server {

// The answer to one scrape, while it is put together: series by the name of
// their metric, in the order in which the names came first.
//
// Not thread-safe.
class MetricFamilies {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  void AddCounter(const std::string& name, const std::string& help,
                  Labels labels, double value);
  void AddGauge(const std::string& name, const std::string& help, Labels labels,
                double value);
  void AddHistogram(const std::string& name, const std::string& help,
                    Labels labels, const prometheus::Histogram& histogram);

  // In Prometheus' text format.
  std::string Text() const;

 private:
  prometheus::ClientMetric& Add(prometheus::MetricType type,
                                const std::string& name,
                                const std::string& help, Labels labels);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_METRIC_FAMILIES_H_
