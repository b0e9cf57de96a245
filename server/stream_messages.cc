#include "server/stream_messages.h"

#include <algorithm>
#include <string>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/impl/codegen/proto_buffer_reader.h"
#include "grpcpp/impl/codegen/proto_buffer_writer.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverStreamRequest;
using ::datafly::delivery::v1::DeliverStreamResponse;
using ::google::protobuf::Duration;
using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;
using ::google::protobuf::io::CodedOutputStream;

constexpr uint32_t kRequestIdTag = GOOGLE_PROTOBUF_WIRE_FORMAT_MAKE_TAG(
    DeliverStreamRequest::kRequestIdFieldNumber,
    WireFormatLite::WIRETYPE_VARINT);
constexpr uint32_t kTimeoutTag = GOOGLE_PROTOBUF_WIRE_FORMAT_MAKE_TAG(
    DeliverStreamRequest::kTimeoutFieldNumber,
    WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

// Of duration.proto: what a valid one may have.
constexpr int64_t kMostSeconds = 315'576'000'000;
constexpr int32_t kNanosOfASecond = 1'000'000'000;

absl::Status InvalidTimeout(const char* description) {
  return InvalidField("timeout", CallFault::kInvalidTimeout, description);
}

absl::StatusOr<absl::Duration> ReadTimeout(const std::string& wire) {
  Duration timeout;
  if (!timeout.ParseFromString(wire)) {
    return InvalidTimeout("is not a google.protobuf.Duration");
  }
  if (timeout.seconds() < 0 || timeout.seconds() > kMostSeconds ||
      timeout.nanos() < 0 || timeout.nanos() >= kNanosOfASecond ||
      (timeout.seconds() == 0 && timeout.nanos() == 0)) {
    return InvalidTimeout("must be a valid time of more than 0 s");
  }
  return absl::Seconds(timeout.seconds()) + absl::Nanoseconds(timeout.nanos());
}

// The first number of bytes that the writer takes; it takes more as needed.
constexpr int kLeastBlock = 256;

grpc::ByteBuffer Write(uint64_t request_id, int field,
                       const google::protobuf::Message& result) {
  grpc::ByteBuffer bytes;
  const size_t size = result.ByteSizeLong();
  {
    grpc::ProtoBufferWriter writer(&bytes,
                                   grpc::kProtoBufferWriterMaxBufferLength,
                                   static_cast<int>(size) + kLeastBlock);
    CodedOutputStream output(&writer);
    WireFormatLite::WriteUInt64(DeliverStreamResponse::kRequestIdFieldNumber,
                                request_id, &output);
    WireFormatLite::WriteTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED,
                             &output);
    output.WriteVarint32(static_cast<uint32_t>(size));
    result.SerializeWithCachedSizes(&output);
  }
  return bytes;
}

}  // namespace

StreamFields ReadStreamFields(const grpc::ByteBuffer& wire) {
  StreamFields fields;
  uint64_t request_id = 0;
  bool has_request_id = false;
  std::string timeout;
  bool has_timeout = false;
  grpc::ByteBuffer copy(wire);  // Shares the bytes; the reader uses it up.
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok()) return fields;
  CodedInputStream input(&reader);
  bool is_readable = true;
  // As everywhere in Protocol Buffers the last one counts, and messages that
  // come twice are merged.
  while (is_readable) {
    const uint32_t tag = input.ReadTag();
    if (tag == 0) break;
    if (tag == kRequestIdTag) {
      is_readable = input.ReadVarint64(&request_id);
      has_request_id = has_request_id || is_readable;
    } else if (tag == kTimeoutTag) {
      std::string more;
      is_readable = WireFormatLite::ReadBytes(&input, &more);
      timeout += more;
      has_timeout = true;
    } else {
      is_readable = WireFormatLite::SkipField(&input, tag);
    }
  }
  if (has_request_id || (is_readable && input.ConsumedEntireMessage())) {
    fields.request_id = request_id;
  }
  if (has_timeout) fields.timeout = ReadTimeout(timeout);
  return fields;
}

grpc::ByteBuffer WriteStreamResponse(
    uint64_t request_id,
    const datafly::delivery::v1::DeliverEventsResponse& response) {
  return Write(request_id, DeliverStreamResponse::kResponseFieldNumber,
               response);
}

grpc::ByteBuffer WriteStreamError(uint64_t request_id,
                                  const google::rpc::Status& error) {
  return Write(request_id, DeliverStreamResponse::kErrorFieldNumber, error);
}

}  // namespace signal_delivery::server
