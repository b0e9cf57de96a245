#include "server/metrics.h"

#include <chrono>
#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "client/connection_counts.h"
#include "client/load.h"
#include "server/integration.h"
#include "server/integration_metrics.h"
#include "server/metric_families.h"
#include "server/process_metrics.h"
#include "server/version.h"

namespace signal_delivery::server {
namespace {

double Seconds(absl::Time time) {
  return absl::ToDoubleSeconds(time - absl::UnixEpoch());
}

void AddLoad(const std::string& id, const client::Destination& destination,
             MetricFamilies& families) {
  const client::Load& load = destination.load();
  const MetricFamilies::Labels labels = {{"integration", id}};
  families.AddGauge("signal_delivery_configured_rate",
                    "Requests a second that the integration sends at best.",
                    labels, destination.max_requests_per_second());
  if (!load.published()) return;
  families.AddGauge("signal_delivery_pacing_rate",
                    "Requests a second that pacing allows.", labels,
                    load.rate());
  families.AddGauge("signal_delivery_breaker_open",
                    "1 while deliveries rest because the latest failed.",
                    labels, load.breaker_open() ? 1 : 0);
  families.AddGauge("signal_delivery_concurrency_limit",
                    "Requests that may be under way at a time.", labels,
                    static_cast<double>(load.concurrency_limit()));
  families.AddGauge("signal_delivery_attempts_under_way",
                    "Requests that are under way.", labels,
                    static_cast<double>(load.under_way()));
  families.AddGauge("signal_delivery_waiting_batches",
                    "Batches that wait for their turn.", labels,
                    static_cast<double>(load.waiting()));
  families.AddGauge(
      "signal_delivery_estimated_wait_seconds",
      "How long a batch that came now would wait for its turn.", labels,
      std::chrono::duration<double>(load.EstimatedWait()).count());
  if (const std::optional<double> percent =
          load.limit_used_percent(client::Load::TimePoint::clock::now())) {
    families.AddGauge("signal_delivery_rate_limit_used_percent",
                      "The largest share used of the account's rate limits, as "
                      "mParticle said in the last seconds.",
                      labels, *percent);
  }
}

void AddIntegration(const Integration& integration, MetricFamilies& families) {
  families.AddGauge("signal_delivery_integration_info",
                    "1 for each integration in force.",
                    {{"integration", integration.id},
                     {"environment", integration.environment},
                     {"pod", integration.pod}},
                    1);
  integration.metrics->AddTo(families, integration.id);
  families.AddGauge("signal_delivery_unique_names",
                    "Different event and screen names mapped since the start.",
                    {{"integration", integration.id}},
                    integration.unique_names->count());
  AddLoad(integration.id, *integration.destination, families);
}

void AddConnections(const client::ConnectionCounts& connections,
                    MetricFamilies& families) {
  const client::ConnectionCounts::Numbers now = connections.Read();
  for (const auto& [state, count] :
       {std::pair("opening", now.opening), std::pair("busy", now.busy),
        std::pair("idle", now.idle)}) {
    families.AddGauge("signal_delivery_connections",
                      "Connections to mParticle.", {{"state", state}},
                      static_cast<double>(count));
  }
  families.AddCounter("signal_delivery_connections_opened_total",
                      "Connections that were opened to mParticle.", {},
                      static_cast<double>(connections.opened()));
}

void AddAdmission(const Admission& admission, MetricFamilies& families) {
  const Admission::Limits& limits = admission.limits();
  const Admission::Use now = admission.under_way();
  families.AddGauge("signal_delivery_calls_under_way",
                    "Calls taken in and not answered.", {},
                    static_cast<double>(now.calls));
  families.AddGauge("signal_delivery_calls_under_way_limit",
                    "The most of them.", {},
                    static_cast<double>(limits.max_calls));
  families.AddGauge("signal_delivery_request_bytes_under_way",
                    "Size of their requests.", {},
                    static_cast<double>(now.bytes));
  families.AddGauge("signal_delivery_request_bytes_under_way_limit",
                    "The most of it.", {},
                    static_cast<double>(limits.max_bytes));
}

void AddCallersConnections(const Listener& listener, MetricFamilies& families) {
  families.AddGauge("signal_delivery_caller_connections",
                    "Connections of callers.", {},
                    static_cast<double>(listener.connections()));
  families.AddGauge("signal_delivery_caller_connections_limit",
                    "The most of them.", {},
                    static_cast<double>(listener.max_connections()));
  families.AddCounter("signal_delivery_refused_caller_connections_total",
                      "Connections closed because there were too many.", {},
                      static_cast<double>(listener.refused()));
  families.AddCounter("signal_delivery_ended_caller_connections_total",
                      "Connections ended because of calls that were reset.", {},
                      static_cast<double>(listener.ended()));
}

void AddConfiguration(const LiveIntegrations& integrations,
                      MetricFamilies& families) {
  const LiveIntegrations::Reloads reloads = integrations.reloads();
  families.AddGauge("signal_delivery_config_info",
                    "1, with the version of the integrations in force.",
                    {{"version", integrations.version()}}, 1);
  families.AddGauge("signal_delivery_config_loaded_timestamp_seconds",
                    "When that version was taken into use.", {},
                    Seconds(reloads.loaded_at));
  families.AddGauge("signal_delivery_config_last_reload_successful",
                    "0 while the files are wrong and not taken into use.", {},
                    reloads.last_was_good ? 1 : 0);
  families.AddGauge(
      "signal_delivery_config_last_reload_success_timestamp_seconds",
      "When the files were last read and all good.", {},
      Seconds(reloads.last_good_at));
  families.AddCounter("signal_delivery_config_reload_failures_total",
                      "How often they were read and something was wrong.", {},
                      static_cast<double>(reloads.failures));
}

void AddSpans(const SpanExporter& spans, MetricFamilies& families) {
  families.AddCounter("signal_delivery_spans_exported_total",
                      "Spans that the collector took.", {},
                      static_cast<double>(spans.exported()));
  families.AddCounter("signal_delivery_spans_dropped_total",
                      "Spans that it did not take, or that had no room.", {},
                      static_cast<double>(spans.dropped()));
}

}  // namespace

std::string Metrics::Text() const {
  MetricFamilies families;
  families.AddGauge("signal_delivery_build_info",
                    "1, with what this program is.",
                    {{"version", kVersion}, {"compiler", kCompiler}}, 1);
  AddConfiguration(integrations_, families);
  for (const std::shared_ptr<const Integration>& integration :
       integrations_.All()) {
    AddIntegration(*integration, families);
  }
  AddConnections(client_.connections(), families);
  AddAdmission(admission_, families);
  AddCallersConnections(listener_, families);
  AddProcessMetrics(families);
  grpc_.AddTo(families);
  streams_.AddTo(families);
  if (certificates_ != nullptr) {
    families.AddGauge("signal_delivery_certificate_expiry_timestamp_seconds",
                      "When the certificate of the gRPC port expires.", {},
                      Seconds(certificates_->expiry()));
    families.AddGauge(
        "signal_delivery_certificate_last_reload_successful",
        "0 while the certificate's files are wrong and the former ones serve.",
        {}, certificates_->last_reload_was_good() ? 1 : 0);
  }
  if (spans_ != nullptr) AddSpans(*spans_, families);
  return families.Text();
}

}  // namespace signal_delivery::server
