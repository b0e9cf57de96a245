#include "server/integration_metrics.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/reasons.h"

namespace signal_delivery::server {
namespace {

using client::HttpAnswer;
using client::TransportFailure;
using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;

// mParticle's answers come within tens of milliseconds; an attempt ends after
// ten seconds.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
// The largest batch is of 128,000 bytes: some 300 small events.
const prometheus::Histogram::BucketBoundaries kEvents = {1,  2,  5,   10,
                                                         20, 50, 100, 200};
const prometheus::Histogram::BucketBoundaries kBytes = {
    1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000, 128'000};

// The admission's reasons (see NoRoom).
constexpr absl::string_view kRefusalReasons[] = {"WAIT_EXCEEDS_DEADLINE",
                                                 "TOO_MUCH_UNDER_WAY"};

// In the order of client::Verdict::Kind.
constexpr absl::string_view kVerdictOutcomes[] = {"ACCEPTED", "REJECTED",
                                                  "NOT_DELIVERED", "UNKNOWN"};

// Closed, whatever a host answers: the statuses that the Events API has or
// proxies commonly give, the classes of all others, and in the order of
// TransportFailure::Stage how far an attempt without an answer came.
constexpr absl::string_view kStatuses[] = {"202",
                                           "400",
                                           "401",
                                           "403",
                                           "408",
                                           "413",
                                           "429",
                                           "500",
                                           "502",
                                           "503",
                                           "504",
                                           "2xx",
                                           "3xx",
                                           "4xx",
                                           "5xx",
                                           "lookup_failed",
                                           "connect_failed",
                                           "handshake_failed",
                                           "not_sent",
                                           "no_answer"};
constexpr size_t kExactStatuses = 11;
constexpr size_t kClasses = 4;

size_t StatusIndex(const client::ExchangeResult& result) {
  if (const auto* failure = std::get_if<TransportFailure>(&result)) {
    return kExactStatuses + kClasses + static_cast<size_t>(failure->stage);
  }
  const int status = std::get<HttpAnswer>(result).status;
  for (size_t i = 0; i < kExactStatuses; ++i) {
    const absl::string_view text = kStatuses[i];
    if (status == (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0')
      return i;
  }
  return kExactStatuses + std::clamp(status / 100, 2, 5) - 2;
}

std::string NameOf(Reason reason) {
  return std::string(absl::StripPrefix(Reason_Name(reason), "REASON_"));
}
std::string NameOf(Outcome outcome) {
  return std::string(absl::StripPrefix(Outcome_Name(outcome), "OUTCOME_"));
}

}  // namespace

IntegrationMetrics::IntegrationMetrics()
    : batch_events_(kEvents), batch_bytes_(kBytes) {
  static_assert(std::size(kStatuses) == kAttemptStatuses);
  static_assert(std::size(kVerdictOutcomes) == kVerdictKinds);
  static_assert(std::size(kRefusalReasons) == kRefusals);
  for (size_t i = 0; i < kAttemptStatuses; ++i) {
    upstream_seconds_.emplace_back(kSeconds);
  }
}

void IntegrationMetrics::OnEvent(Reason reason) {
  events_[reason].fetch_add(1, std::memory_order_relaxed);
}

void IntegrationMetrics::OnBatch(size_t events, size_t bytes,
                                 const client::Verdict& verdict) {
  batches_[static_cast<size_t>(verdict.kind)].fetch_add(
      1, std::memory_order_relaxed);
  batch_events_.Observe(static_cast<double>(events));
  batch_bytes_.Observe(static_cast<double>(bytes));
}

void IntegrationMetrics::OnRefusal(const std::string& reason) {
  const auto* const found =
      std::find(std::begin(kRefusalReasons), std::end(kRefusalReasons), reason);
  if (found == std::end(kRefusalReasons)) return;
  refusals_[found - std::begin(kRefusalReasons)].fetch_add(
      1, std::memory_order_relaxed);
}

void IntegrationMetrics::OnAttempt(
    const client::ExchangeResult& result,
    std::optional<std::chrono::nanoseconds> time) {
  const size_t status = StatusIndex(result);
  attempts_[status].fetch_add(1, std::memory_order_relaxed);
  if (!time.has_value()) return;
  upstream_seconds_[status].Observe(
      std::chrono::duration<double>(*time).count());
}

// What is counted is there from the start, so that the first one is an
// increase; but no latency of what never came.
void IntegrationMetrics::AddTo(MetricFamilies& families,
                               const std::string& id) const {
  for (size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (!datafly::delivery::v1::Reason_IsValid(static_cast<int>(i)) ||
        reason == Reason::REASON_UNSPECIFIED) {
      continue;
    }
    families.AddCounter("signal_delivery_events_total",
                        "Events by what callers were told of them.",
                        {{"integration", id},
                         {"outcome", NameOf(InfoOf(reason).outcome)},
                         {"reason", NameOf(reason)}},
                        static_cast<double>(events_[i]));
  }
  for (size_t i = 0; i < kVerdictKinds; ++i) {
    families.AddCounter(
        "signal_delivery_batches_total",
        "Batches handed to delivery, by what became of them.",
        {{"integration", id}, {"outcome", std::string(kVerdictOutcomes[i])}},
        static_cast<double>(batches_[i]));
  }
  families.AddHistogram("signal_delivery_batch_events",
                        "Events in a batch, identifies not counted.",
                        {{"integration", id}}, batch_events_);
  families.AddHistogram("signal_delivery_batch_size_bytes",
                        "Size of a batch's JSON body.", {{"integration", id}},
                        batch_bytes_);
  for (size_t i = 0; i < kAttemptStatuses; ++i) {
    const MetricFamilies::Labels labels = {
        {"integration", id}, {"status", std::string(kStatuses[i])}};
    families.AddCounter("signal_delivery_attempts_total",
                        "Attempts to post a batch, by what they came to.",
                        labels, static_cast<double>(attempts_[i]));
    if (attempts_[i] == 0) continue;
    families.AddHistogram("signal_delivery_upstream_duration_seconds",
                          "Time from a request's sending to its answer.",
                          labels, upstream_seconds_[i]);
  }
  for (size_t i = 0; i < kRefusals; ++i) {
    families.AddCounter(
        "signal_delivery_refused_calls_total",
        "Calls that were not taken in, as there was no room or time.",
        {{"integration", id}, {"reason", std::string(kRefusalReasons[i])}},
        static_cast<double>(refusals_[i]));
  }
}

}  // namespace signal_delivery::server
