#ifndef MAPPING_JSON_TABLES_H_
#define MAPPING_JSON_TABLES_H_

#include <google/protobuf/descriptor.h>

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
    kString,
    kDouble,
    kInt32,
    kInt64,
    kBool,
    kEnum,
    kMessage,
    kUnsupported,  // the batch schema has none of that type
  };

  const google::protobuf::FieldDescriptor* descriptor;
  Shape shape;
  Kind kind;
  // The text before the value, with a comma in front: `,"ip":`, and with a
  // discriminator `,"event_type":"screen_view","data":`.
  std::string lead;
  // What the field is called in the path of an error.
  absl::string_view name;
  // Written even if it is an empty list or map.
  bool even_if_empty;
  // kEnum: the quoted spellings by the value's number; empty where it has none.
  std::vector<std::string> spellings;
  // kMessage: the message's own table.
  const JsonMessageTable* message = nullptr;
  // kMap: how the entry's value stands. One element, or none.
  std::vector<JsonField> map_value;
};

// One place in a message where something may stand: a field, or whichever field
// of a oneof is set.
struct JsonMember {
  // Null for a field of its own.
  const google::protobuf::OneofDescriptor* oneof;
  // The field; or the oneof's fields in the order of declaration.
  std::vector<JsonField> choices;
  // Nothing set is an error.
  bool must_be_set;
};

struct JsonMessageTable {
  bool is_inlined;
  std::vector<JsonMember> members;
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
