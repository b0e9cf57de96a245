#ifndef TESTS_SUPPORT_EXPOSED_METRICS_H_
#define TESTS_SUPPORT_EXPOSED_METRICS_H_

#include <map>
#include <optional>
#include <set>
#include <string>

namespace signal_delivery::support {

// What a service exposes to Prometheus: the text format, read back.
class ExposedMetrics {
 public:
  struct Metric {
    std::string type;
    std::set<std::string> labels;  // but `le`, which histograms have
  };

  explicit ExposedMetrics(const std::string& text);

  // The value of a series as it is written, for example
  // `up_total{integration="acme"}`; nothing where it is not there.
  std::optional<double> Find(const std::string& series) const;
  // The same; fails the test where it is not there.
  double operator[](const std::string& series) const;

  // By name, without the suffixes of histograms.
  const std::map<std::string, Metric>& metrics() const { return metrics_; }

 private:
  std::map<std::string, double> series_;
  std::map<std::string, Metric> metrics_;
};

// What the admin port `port` of this machine answers to a scrape.
ExposedMetrics Scrape(int port);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_EXPOSED_METRICS_H_
