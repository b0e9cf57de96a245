#include "server/message_bytes.h"

#include <cstdint>

#include "grpcpp/impl/codegen/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"

namespace signal_delivery::server {

grpc::ByteBuffer ToBytes(const google::protobuf::MessageLite& message) {
  grpc::Slice bytes(message.ByteSizeLong());
  // As gRPC's own serialisation does: a slice has no other way to be filled.
  message.SerializeWithCachedSizesToArray(
      const_cast<uint8_t*>(bytes.begin()));  // NOLINT
  return grpc::ByteBuffer(&bytes, 1);
}

bool FromBytes(const grpc::ByteBuffer& bytes,
               google::protobuf::MessageLite& message) {
  grpc::ByteBuffer copy(bytes);  // Shares the bytes; the reader uses it up.
  grpc::ProtoBufferReader reader(&copy);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace signal_delivery::server
