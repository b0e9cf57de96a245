#ifndef MAPPING_JSON_WRITER_H_
#define MAPPING_JSON_WRITER_H_

#include <google/protobuf/descriptor.h>

#include <memory>

#include "absl/status/status.h"
#include "mapping/draft.h"
#include "mapping/json_buffer.h"

namespace signal_delivery::mapping {

class JsonTables;

// Writes drafts of batch messages as JSON, following their descriptors and the
// rules of annotations.proto: members in the order of their field numbers, maps
// in the order of their keys, no white space. The same message always gives the
// same bytes.
//
// Checks what JSON itself asks for: UTF-8, finite numbers, and a value where
// one must stand. Does not check what mParticle asks for beyond that: required
// fields, formats, limits.
//
// Immutable once made, and thread-safe. Borrows nothing but the descriptors,
// which must be those of generated code.
class JsonWriter {
 public:
  // Builds its tables for `root` and every message type reachable from it.
  explicit JsonWriter(const google::protobuf::Descriptor* root);
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Appends `draft`, a message of `type`, which is root or reachable. On error
  // `*out` is as before, and the status (kInvalidArgument) says where and what:
  // "events[0].data.product_action.total_amount: is NaN or infinite". It names
  // fields and map keys, and never holds a value.
  absl::Status Append(const google::protobuf::Descriptor& type,
                      const Draft& draft, JsonBuffer* out) const;

 private:
  std::unique_ptr<const JsonTables> tables_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_JSON_WRITER_H_
