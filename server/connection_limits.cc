#include "server/connection_limits.h"

namespace signal_delivery::server {
namespace {

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

void SetConnectionLimits(const ConnectionLimits& limits,
                         grpc::ServerBuilder& builder) {
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  builder.SetMaxReceiveMessageSize(limits.max_request_bytes);
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_calls_per_connection);
  set(GRPC_ARG_MAX_METADATA_SIZE, limits.max_header_bytes);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
      Milliseconds(limits.handshake_time));
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.max_idle_time));
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.max_connection_age));
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.age_grace));
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      Milliseconds(limits.min_ping_interval));
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive_interval));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_timeout));
}

}  // namespace signal_delivery::server
