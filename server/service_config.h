#ifndef SERVER_SERVICE_CONFIG_H_
#define SERVER_SERVICE_CONFIG_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/access_config.h"
#include "server/admission.h"
#include "server/log_level.h"
#include "server/traces_config.h"

namespace signal_delivery::server {

// The service's own file (service.yaml):
//
//   listen: 127.0.0.1:50051        # where callers reach it; port 0: a free one
//   admin_listen: 127.0.0.1:9464   # /metrics, /healthz, /readyz and /events;
//                                # absent: none
//   integrations_dir: integrations # relative to the file's own folder
//   call_threads: 2                # that take calls, map their events and
//                                  # answer, 1 to 64, and as many more for
//                                  # long requests; absent: as many as the
//                                  # process has cores, whatever share of them
//                                  # its cgroup may use
//   network_threads: 2             # to mParticle, 1 to 64
//   max_connections_per_host: 256  # to mParticle; network_threads to 4096
//   leave_seconds: 5               # how long, after SIGTERM, it says that it
//                                  # is about to end and still takes calls, so
//                                  # that clients and load balancers turn to
//                                  # other replicas first; 0 to 600
//   drain_seconds: 20              # how long calls may go on after that, 1 to
//                                  # 600; both together less than the 30
//                                  # seconds after which Kubernetes kills
//   errors_page: https://...       # where callers find ERRORS.md: every failed
//                                  # call links to it; absent: its place in
//                                  # this project
//   max_calls_under_way: 10000     # 2 to 1000000
//   max_mebibytes_under_way: 128   # of their requests; 32, which leaves room
//                                  # for the largest one, to 65536
//   max_streams: 16                # DeliverStream calls at a time, 1 to 1000;
//                                  # each may have 64 requests under way, and
//                                  # 16 MiB of one that is not there to its end
//
//   event_debugger: true           # keep the latest events, without personal
//                                  # data, up to 8 MiB, for `signalctl tail`
//                                  # and for /events, which asks nobody who
//                                  # they are; absent: true where both ports
//                                  # are on loopback, else false
//
//   tls:                           # of `listen`; absent: plaintext. PEM files,
//                                  # read again when they change
//     certificate: server.pem      # the service's, then those between it and
//                                  # the root
//     private_key: server.key
//     client_ca: clients.pem       # clients must show a certificate that leads
//                                  # to one of these; absent: they need none
//     crl: clients.crl             # those that the client_ca took back;
//     absent:
//                                  # none is known
//   plaintext_beyond_loopback: false  # true allows a plaintext `listen` that
//                                  # other machines reach, where something else
//                                  # guards the way; never with tokens
//   callers:                       # absent: whoever connects may call
//                                  # everything
//     - name: checkout             # as logs and metrics call it
//       san: spiffe://prod/checkout  # of its certificate, one or a list: a
//                                  # URI or a DNS name; needs tls.client_ca
//       token_sha256: 9f86d0...    # and/or of its bearer token, one or a list:
//                                  # printf %s TOKEN | sha256sum. A token must
//                                  # be random: openssl rand -hex 32
//       integrations: [acme-eu]    # absent or "*": all
//       methods: [DeliverEvents]   # absent or "*": all
//     - name: operator             # or several grants, each with both keys:
//       token_sha256: 60303ae2...  # any of them is enough
//       grants:
//         - {integrations: acme-eu, methods: [DeliverEvents, PreviewEvents]}
//         - {methods: PreviewEvents}
//
//   log_level: info                # trace, debug, info, warn or error, at the
//                                  # start; POST /logging?level=debug on
//                                  # admin_listen changes it
//   traces:                        # absent: no spans, and mParticle gets the
//                                  # traceparent that a caller gave, unchanged
//     otlp_endpoint: http://127.0.0.1:4318  # a collector, for POST /v1/traces
//     sample_ratio: 0.01           # of the traces that begin here, 0 to 1;
//                                  # those that callers record are all
//   core_files: false              # true lets the kernel write the process's
//                                  # memory, secrets and events included, to
//                                  # disk when it crashes, and debuggers attach
//
// Health and reflection answer whoever connects: they tell whether the service
// is up, and its .proto files.
//
// Only the first and the third are required.
struct ServiceConfig {
  std::string listen;
  std::string admin_listen;
  std::string integrations_dir;
  int call_threads = 1;
  int network_threads = 2;
  int max_connections_per_host = 256;
  absl::Duration leave = absl::Seconds(5);
  absl::Duration drain = absl::Seconds(20);
  std::string errors_page = "server/ERRORS.md";
  Admission::Limits admission;
  int max_streams = 16;
  bool event_debugger = false;
  AccessConfig access;
  LogLevel log_level = LogLevel::kInfo;
  std::optional<TracesConfig> traces;
  bool core_files = false;

  friend bool operator==(const ServiceConfig&, const ServiceConfig&) = default;
};

// The error says where in the file what is wrong, and what to write instead.
absl::StatusOr<ServiceConfig> LoadServiceConfig(const std::string& path);

}  // namespace signal_delivery::server

#endif  // SERVER_SERVICE_CONFIG_H_
