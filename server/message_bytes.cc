#include "server/message_bytes.h"

#include "grpcpp/impl/codegen/proto_utils.h"

namespace signal_delivery::server {

grpc::ByteBuffer ToBytes(const google::protobuf::MessageLite& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer;
  // Fails only beyond 2 GB, which no message of this service comes near.
  grpc::GenericSerialize<grpc::ProtoBufferWriter,
                         google::protobuf::MessageLite>(message, &bytes,
                                                        &own_buffer);
  return bytes;
}

bool FromBytes(const grpc::ByteBuffer& bytes,
               google::protobuf::MessageLite& message) {
  grpc::ByteBuffer copy(bytes);  // Shares the bytes; the reader uses it up.
  grpc::ProtoBufferReader reader(&copy);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace signal_delivery::server
