#ifndef TESTS_SUPPORT_BYTE_PIECES_H_
#define TESTS_SUPPORT_BYTE_PIECES_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "grpcpp/support/byte_buffer.h"

namespace signal_delivery::support {

// The bytes as gRPC may receive them: in pieces of `piece` bytes, of which the
// last may be shorter. At least 1.
grpc::ByteBuffer InPieces(absl::string_view bytes, size_t piece);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_BYTE_PIECES_H_
