#include "server/integration_observer.h"

#include <utility>

#include "absl/strings/strip.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "server/log.h"
#include "server/reasons.h"

namespace signal_delivery::server {

using client::Verdict;

IntegrationObserver::IntegrationObserver(
    std::string id, std::shared_ptr<IntegrationMetrics> metrics)
    : id_(std::move(id)), metrics_(std::move(metrics)) {}

void IntegrationObserver::OnAttempt(
    const client::ExchangeResult& result,
    std::optional<std::chrono::nanoseconds> time) {
  metrics_->OnAttempt(result, time);
}

void IntegrationObserver::OnRest(const Verdict& why) {
  // Which a person must mend; the rest may pass.
  const bool is_refusal = why.cause == Verdict::Cause::kUnauthorized ||
                          why.cause == Verdict::Cause::kForbidden;
  Log(is_refusal ? LogLevel::kError : LogLevel::kWarn,
      is_refusal ? "deliveries rest: the key is refused"
                 : "deliveries rest: attempts failed, the breaker is open",
      {{"integration", id_},
       {"reason",
        absl::StripPrefix(Reason_Name(ReasonOf(why.cause)), "REASON_")},
       {"http_status", why.http_status},
       {"detail", why.detail}});
}

void IntegrationObserver::OnWell() {
  Log(LogLevel::kInfo, "deliveries go on: a probe was answered",
      {{"integration", id_}});
}

void IntegrationObserver::OnSlower(double before, double now) {
  Log(LogLevel::kWarn, "the rate is lowered after a 429",
      {{"integration", id_},
       {"batches_per_second_before", before},
       {"batches_per_second", now}});
}

}  // namespace signal_delivery::server
