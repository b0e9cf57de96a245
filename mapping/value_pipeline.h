#ifndef MAPPING_VALUE_PIPELINE_H_
#define MAPPING_VALUE_PIPELINE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mapping/draft_memory.h"
#include "mapping/field_mapping.h"
#include "mapping/target_path.h"
#include "mapping/transform.h"
#include "mapping/value.h"
#include "mapping/value_kinds.h"

namespace signal_delivery::mapping {

// What a mapping does with a value between its source and its target: the
// transforms, one after the other, and the value map. Immutable, thread-safe.
class ValuePipeline {
 public:
  // Nothing is done.
  ValuePipeline() = default;

  // `kinds` is what the sources give. The error says where in the file what is
  // wrong: a step that cannot take what the one before gives, an end that the
  // target cannot take.
  static absl::StatusOr<ValuePipeline> Compile(const FieldMapping& mapping,
                                               ValueKinds kinds,
                                               const TargetPath& target);

  // The new value, std::monostate where the map says that it is none; or why
  // there is none, without the value. It may borrow from this, too.
  absl::StatusOr<Value> Apply(Value value, DraftMemory& memory) const;

  // True where a value stays what it is.
  bool IsNothing() const {
    return transforms_.empty() && value_map_.empty() &&
           !other_values_.has_value();
  }

  // True where it is certain that the value is a time in ms.
  bool gives_millis() const { return gives_millis_; }

  // What is done, for a person: "trim, sha256"; "as it is".
  const std::string& description() const { return description_; }

 private:
  std::vector<Transform> transforms_;
  // What a value becomes; nothing: no value.
  using Replacement = std::optional<Scalar>;
  // By the value's text, in the file's order.
  std::vector<std::pair<std::string, Replacement>> value_map_;
  // For every value that the map does not name; nothing: it stays.
  std::optional<Replacement> other_values_;
  bool gives_millis_ = false;
  std::string description_ = "as it is";
};

// A value of the configuration, of which it borrows.
Value FromScalar(const Scalar& scalar);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_VALUE_PIPELINE_H_
