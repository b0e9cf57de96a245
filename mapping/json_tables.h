#ifndef MAPPING_JSON_TABLES_H_
#define MAPPING_JSON_TABLES_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

// How each message type stands in JSON, worked out beforehand, so that writing
// a message asks no descriptor for options and quotes no name.
namespace signal_delivery::mapping {

struct JsonMessageTable;

// How one field stands in JSON.
struct JsonField {
  enum class Shape { kSingular, kList, kMap };
  enum class Kind {
    kUnsupported,  // the batch schema has none of that type
    kString,
    kDouble,
    kInteger,
    kBool,
    kEnum,
    kMessage,
  };
  static constexpr int kNoGroup = -1;

  Shape shape = Shape::kSingular;
  Kind kind = Kind::kUnsupported;
  // What the field is called in the path of an error.
  absl::string_view name;
  // The text before the value, with a comma in front: `,"ip":`, and with a
  // discriminator `,"event_type":"screen_view","data":`.
  std::string lead;
  // kEnum: the quoted spellings by the value's number; empty where it has none.
  std::vector<std::string> spellings;
  // kMessage: the message's own table. Of a map, the entry's.
  const JsonMessageTable* message = nullptr;
  // The group of the message's table that the field belongs to.
  int group = kNoGroup;
};

// Fields of which something must stand in JSON: the fields of a oneof, or a
// list or map that is written even if it is empty.
struct JsonGroup {
  // What to write if nothing is set: `,"products":[]`. Empty: it is an error.
  std::string if_empty;
};

// How one message type stands in JSON.
struct JsonMessageTable {
  // Whether it stands there as the value of its one set field.
  bool is_inlined = false;
  // By the field's number; without a name where there is no such field.
  std::vector<JsonField> fields;
  // At most 64, one bit each for the writer; the batch schema has at most one.
  std::vector<JsonGroup> groups;
};

// The tables of all message types reachable from one. Immutable, thread-safe.
class JsonTables {
 public:
  explicit JsonTables(const google::protobuf::Descriptor& root);

  // Null if the type is not reachable from the root.
  const JsonMessageTable* Find(
      const google::protobuf::Descriptor& message) const;

 private:
  const JsonMessageTable* Build(const google::protobuf::Descriptor& message);
  JsonField BuildField(const google::protobuf::FieldDescriptor& field);

  absl::flat_hash_map<const google::protobuf::Descriptor*,
                      std::unique_ptr<JsonMessageTable>>
      tables_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_JSON_TABLES_H_
