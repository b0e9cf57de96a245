#ifndef SERVER_INTEGRATION_OBSERVER_H_
#define SERVER_INTEGRATION_OBSERVER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "client/attempt_observer.h"
#include "client/exchange_result.h"
#include "client/verdict.h"
#include "server/integration_metrics.h"

namespace signal_delivery::server {

// Counts the attempts of an integration, and writes into the log when its
// deliveries rest, go on, or slow down: each at most once a second, by the
// rules of the client. Thread-safe.
class IntegrationObserver final : public client::AttemptObserver {
 public:
  IntegrationObserver(std::string id,
                      std::shared_ptr<IntegrationMetrics> metrics);

  void OnAttempt(const client::ExchangeResult& result,
                 std::optional<std::chrono::nanoseconds> time) override;
  void OnRest(const client::Verdict& why) override;
  void OnWell() override;
  void OnSlower(double before, double now) override;

 private:
  const std::string id_;
  const std::shared_ptr<IntegrationMetrics> metrics_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_INTEGRATION_OBSERVER_H_
