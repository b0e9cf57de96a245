#include "tests/support/byte_pieces.h"

#include <vector>

#include "grpcpp/support/slice.h"

namespace signal_delivery::support {

grpc::ByteBuffer InPieces(absl::string_view bytes, size_t piece) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const absl::string_view part = bytes.substr(at, piece);
    slices.emplace_back(part.data(), part.size());
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace signal_delivery::support
