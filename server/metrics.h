#ifndef SERVER_METRICS_H_
#define SERVER_METRICS_H_

#include <string>

#include "client/delivery_client.h"
#include "server/admission.h"
#include "server/grpc_metrics.h"
#include "server/listener.h"
#include "server/live_integrations.h"
#include "server/server_certificates.h"
#include "server/span_exporter.h"
#include "server/stream_metrics.h"

namespace signal_delivery::server {

// All that the service exposes to Prometheus, as METRICS.md has it: gathered
// when it is asked for, from those who know. So an integration that is no
// longer configured has no series, and one that changed keeps its counts.
//
// No label holds anything of a request: only ids of integrations, names of
// closed lists, HTTP statuses, and what the build and the configuration are.
//
// Thread-safe. Borrows everything.
class Metrics {
 public:
  // `certificates` is null where the port is plaintext, `spans` where there is
  // no collector.
  Metrics(const LiveIntegrations& integrations,
          const client::DeliveryClient& client, const Admission& admission,
          const GrpcMetrics& grpc, const StreamMetrics& streams,
          const Listener& listener, const ServerCertificates* certificates,
          const SpanExporter* spans)
      : integrations_(integrations),
        client_(client),
        admission_(admission),
        grpc_(grpc),
        streams_(streams),
        listener_(listener),
        certificates_(certificates),
        spans_(spans) {}

  // In Prometheus' text format.
  std::string Text() const;

 private:
  const LiveIntegrations& integrations_;
  const client::DeliveryClient& client_;
  const Admission& admission_;
  const GrpcMetrics& grpc_;
  const StreamMetrics& streams_;
  const Listener& listener_;
  const ServerCertificates* const certificates_;
  const SpanExporter* const spans_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_METRICS_H_
