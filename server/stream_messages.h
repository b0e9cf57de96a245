#ifndef SERVER_STREAM_MESSAGES_H_
#define SERVER_STREAM_MESSAGES_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/byte_buffer.h"

namespace signal_delivery::server {

// What a DeliverStreamRequest has beside the fields of a DeliverEventsRequest.
struct StreamFields {
  // Absent where the request is not read to its end and had none until there.
  std::optional<uint64_t> request_id;
  // Infinite where the request has none. INVALID_ARGUMENT where it is not a
  // time, or none at all.
  absl::StatusOr<absl::Duration> timeout = absl::InfiniteDuration();
};

// Reads no event: cheap, however many there are.
StreamFields ReadStreamFields(const grpc::ByteBuffer& wire);

// The bytes of a DeliverStreamResponse. Copies no result.
grpc::ByteBuffer WriteStreamResponse(
    uint64_t request_id,
    const datafly::delivery::v1::DeliverEventsResponse& response);
grpc::ByteBuffer WriteStreamError(uint64_t request_id,
                                  const google::rpc::Status& error);

}  // namespace signal_delivery::server

#endif  // SERVER_STREAM_MESSAGES_H_
