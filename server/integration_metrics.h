#ifndef SERVER_INTEGRATION_METRICS_H_
#define SERVER_INTEGRATION_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "client/exchange_result.h"
#include "client/verdict.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "prometheus/histogram.h"
#include "server/metric_families.h"

namespace signal_delivery::server {

// Counts what one integration does since the service started. A change of its
// configuration does not begin a new count.
//
// Thread-safe. On the way of an event it only adds to numbers.
class IntegrationMetrics {
 public:
  IntegrationMetrics();
  IntegrationMetrics(const IntegrationMetrics&) = delete;
  IntegrationMetrics& operator=(const IntegrationMetrics&) = delete;

  // An event has its result in an answer.
  void OnEvent(datafly::delivery::v1::Reason reason);
  // A batch that was handed to the client has its verdict.
  void OnBatch(size_t events, size_t bytes, const client::Verdict& verdict);
  // A call was not taken in; `reason` is that of Admission's error.
  void OnRefusal(const std::string& reason);
  // An attempt ended; as AttemptObserver has it.
  void OnAttempt(const client::ExchangeResult& result,
                 std::optional<std::chrono::nanoseconds> time);

  // Adds all of it as the series of integration `id`.
  void AddTo(MetricFamilies& families, const std::string& id) const;

 private:
  using Count = std::atomic<uint64_t>;
  static constexpr size_t kReasons = datafly::delivery::v1::Reason_ARRAYSIZE;
  static constexpr size_t kVerdictKinds = 4;
  static constexpr size_t kRefusals = 2;
  // Statuses that are counted apart, classes of others, and stages at which
  // attempts fail.
  static constexpr size_t kAttemptStatuses = 20;

  std::array<Count, kReasons> events_ = {};
  std::array<Count, kVerdictKinds> batches_ = {};
  std::array<Count, kRefusals> refusals_ = {};
  std::array<Count, kAttemptStatuses> attempts_ = {};
  prometheus::Histogram batch_events_;
  prometheus::Histogram batch_bytes_;
  // By status, as attempts_.
  std::deque<prometheus::Histogram> upstream_seconds_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_INTEGRATION_METRICS_H_
