#ifndef MAPPING_STRUCT_NODES_H_
#define MAPPING_STRUCT_NODES_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/struct.pb.h"
#include "mapping/node.h"

// google.protobuf.Struct <-> nodes.
namespace signal_delivery::mapping {

// Reads a Struct from its bytes on the wire, without copying a text: what a map
// of protobuf's takes longest for. The nodes borrow from both.
//
// Nothing where the bytes are not just what generated code writes for a Struct
// of usual depth: a name twice, fields that nobody knows, a text that is not
// UTF-8. Protocol Buffers know what each of those means; ask them.
std::optional<ObjectView> ReadPlainStruct(absl::string_view wire,
                                          google::protobuf::Arena& arena);

// The nodes borrow from both. A value that is not set is null.
ObjectView NodesOf(const google::protobuf::Struct& object,
                   google::protobuf::Arena& arena);

void CopyTo(const ObjectView& object, google::protobuf::Struct& copy);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_STRUCT_NODES_H_
