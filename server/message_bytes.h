#ifndef SERVER_MESSAGE_BYTES_H_
#define SERVER_MESSAGE_BYTES_H_

#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"

namespace signal_delivery::server {

// What gRPC sends of a message.
grpc::ByteBuffer ToBytes(const google::protobuf::MessageLite& message);

// False where the bytes are no message of its type.
bool FromBytes(const grpc::ByteBuffer& bytes,
               google::protobuf::MessageLite& message);

}  // namespace signal_delivery::server

#endif  // SERVER_MESSAGE_BYTES_H_
