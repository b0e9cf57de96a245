#include "server/metric_families.h"

#include <algorithm>
#include <utility>

#include "prometheus/text_serializer.h"

namespace signal_delivery::server {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void MetricFamilies::AddCounter(const std::string& name,
                                const std::string& help, Labels labels,
                                double value) {
  Add(MetricType::Counter, name, help, std::move(labels)).counter.value = value;
}

void MetricFamilies::AddGauge(const std::string& name, const std::string& help,
                              Labels labels, double value) {
  Add(MetricType::Gauge, name, help, std::move(labels)).gauge.value = value;
}

void MetricFamilies::AddHistogram(const std::string& name,
                                  const std::string& help, Labels labels,
                                  const prometheus::Histogram& histogram) {
  Add(MetricType::Histogram, name, help, std::move(labels)).histogram =
      histogram.Collect().histogram;
}

ClientMetric& MetricFamilies::Add(MetricType type, const std::string& name,
                                  const std::string& help, Labels labels) {
  auto family = std::find_if(
      families_.begin(), families_.end(),
      [&name](const MetricFamily& known) { return known.name == name; });
  if (family == families_.end()) {
    family = families_.insert(families_.end(),
                              {.name = name, .help = help, .type = type});
  }
  ClientMetric& metric = family->metric.emplace_back();
  metric.label = std::move(labels);
  return metric;
}

std::string MetricFamilies::Text() const {
  return prometheus::TextSerializer().Serialize(families_);
}

}  // namespace signal_delivery::server
