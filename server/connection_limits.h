#ifndef SERVER_CONNECTION_LIMITS_H_
#define SERVER_CONNECTION_LIMITS_H_

#include <cstddef>

#include "absl/time/time.h"
#include "grpcpp/server_builder.h"

namespace signal_delivery::server {

// What connections may take of the service. gRPC varies age and idle time by
// ten percent, so that connections of one moment do not all end in another.
// Tests shorten the times; nothing else changes them.
struct ConnectionLimits {
  // In all, and from one address half of it: see ConnectionTable. A silent one
  // takes about 30 KiB.
  size_t max_connections = 20'000;
  // A client makes its further calls wait. HTTP/2 recommends at least 100.
  int max_calls_per_connection = 100;
  // Calls that are reset before their request came; more, and the connection
  // is closed. A client that gives up all its calls at once stays within it.
  int max_resets_per_second = 100;
  // The largest request: 10,000 events of an average size, or three of the 5 MB
  // batches that Signal's own door takes. More gets RESOURCE_EXHAUSTED.
  int max_request_bytes = 16 * 1024 * 1024;
  // For a request to come, from its call's headers to its end: as long as a
  // call without a deadline has. Later is DEADLINE_EXCEEDED.
  absl::Duration request_time = absl::Seconds(30);
  // Of a call's headers: twice gRPC's default, as meshes add certificates and
  // traces. More gets RESOURCE_EXHAUSTED.
  int max_header_bytes = 16 * 1024;
  // For TLS and HTTP/2 to begin; gRPC's default would keep a silent client's
  // connection for two minutes.
  absl::Duration handshake_time = absl::Seconds(10);
  // Without a call; clients connect again by themselves.
  absl::Duration max_idle_time = absl::Minutes(15);
  // So that clients behind a balancer of connections find new replicas, and a
  // certificate that was replaced is out of use within the hour.
  absl::Duration max_connection_age = absl::Minutes(30);
  // For the calls under way on a connection that is too old.
  absl::Duration age_grace = absl::Minutes(10);
  // A client that pings more often than this, with calls or without, is
  // disconnected (ENHANCE_YOUR_CALM). Go's client never does.
  absl::Duration min_ping_interval = absl::Seconds(10);
  // How long nothing comes from a client before it is asked whether it is still
  // there, and how long it may take to answer.
  absl::Duration keepalive_interval = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
};

// Makes a server keep to those that gRPC knows.
void SetConnectionLimits(const ConnectionLimits& limits,
                         grpc::ServerBuilder& builder);

}  // namespace signal_delivery::server

#endif  // SERVER_CONNECTION_LIMITS_H_
