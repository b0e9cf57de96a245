#ifndef MAPPING_TARGET_PATH_H_
#define MAPPING_TARGET_PATH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "mapping/draft.h"
#include "mapping/field_value.h"
#include "mapping/value_rules.h"

namespace signal_delivery::mapping {

// A `target` of a mapping: a dotted path into a message of the batch schema,
// such as "user_identities.customer_id". Behind a map stands the entry's name:
// "consent_state.gdpr.marketing.consented", "user_attributes.$firstname"; the
// name of an attribute may hold dots itself.
//
// Immutable, thread-safe.
class TargetPath {
 public:
  // `path` into messages of type `root`, which stand at `prefix` ("" or
  // "data.") of the path as the user wrote it. The error names the nearest
  // field.
  static absl::StatusOr<TargetPath> Parse(
      const google::protobuf::Descriptor& root, absl::string_view prefix,
      absl::string_view path);

  // The field at the path's end. For an entry of a map: the entry's value.
  const google::protobuf::FieldDescriptor& leaf() const {
    return *steps_.back().field;
  }
  // What mParticle demands of the leaf's value.
  const ValueRules& rules() const { return rules_; }
  // The map whose entry the path ends in, and the entry's name; null where it
  // ends elsewhere.
  const google::protobuf::FieldDescriptor* map() const {
    return steps_.back().map;
  }
  const std::string& entry() const { return steps_.back().key; }
  // True where the path ends in a list of objects, which takes `each`.
  bool IsListOfObjects() const;

  // The messages on the way to the leaf, each as the path to it.
  struct Part {
    std::string path;
    const google::protobuf::Descriptor* type;
  };
  const std::vector<Part>& parts() const { return parts_; }

  // Sets the field to a fitting value; makes what lies on the way to it.
  void Set(Draft& root, const FieldValue& value) const;
  // The same with one that it takes as it is (AsItIs).
  void Set(Draft& root, const Draft::Value& value) const;
  // The message that holds the list of objects; makes what lies on the way.
  Draft& ListHolder(Draft& root) const { return Holder(root); }

 private:
  struct Step {
    const google::protobuf::FieldDescriptor* field;
    // For the value of a map's entry: the map, and the entry's key.
    const google::protobuf::FieldDescriptor* map = nullptr;
    std::string key;
  };

  // The message that holds the leaf, or the map that does.
  Draft& Holder(Draft& root) const;
  // Where the leaf's value is.
  Draft::Value& PlaceIn(Draft& holder) const;

  std::vector<Step> steps_;
  std::vector<Part> parts_;
  ValueRules rules_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TARGET_PATH_H_
