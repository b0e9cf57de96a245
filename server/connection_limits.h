#ifndef SERVER_CONNECTION_LIMITS_H_
#define SERVER_CONNECTION_LIMITS_H_

#include "absl/time/time.h"
#include "grpcpp/server_builder.h"

namespace signal_delivery::server {

// What one connection may take of the service. gRPC varies age and idle time by
// ten percent, so that connections of one moment do not all end in another.

// A client makes its further calls wait. HTTP/2 recommends at least 100.
inline constexpr int kMaxCallsPerConnection = 1'000;
// Of a call's headers: twice gRPC's default, as meshes add certificates and
// traces. More gets RESOURCE_EXHAUSTED.
inline constexpr int kMaxHeaderBytes = 16 * 1024;
// For TLS and HTTP/2 to begin; gRPC's default would keep a silent client's
// connection for two minutes.
inline constexpr absl::Duration kHandshakeTime = absl::Seconds(10);
// Without a call; clients connect again by themselves.
inline constexpr absl::Duration kMaxIdleTime = absl::Minutes(15);
// So that clients behind a balancer of connections find new replicas, and a
// certificate that was replaced is out of use within the hour.
inline constexpr absl::Duration kMaxConnectionAge = absl::Minutes(30);
// For the calls under way on a connection that is too old.
inline constexpr absl::Duration kAgeGrace = absl::Minutes(10);
// A client that pings more often than this, with calls or without, is
// disconnected (ENHANCE_YOUR_CALM). Go's client never does.
inline constexpr absl::Duration kMinPingInterval = absl::Seconds(10);
// How long nothing comes from a client before it is asked whether it is still
// there, and how long it may take to answer.
inline constexpr absl::Duration kKeepaliveInterval = absl::Minutes(1);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);

// Makes a server keep to them.
void SetConnectionLimits(grpc::ServerBuilder& builder);

}  // namespace signal_delivery::server

#endif  // SERVER_CONNECTION_LIMITS_H_
