#ifndef MAPPING_TRANSFORM_H_
#define MAPPING_TRANSFORM_H_

#include "absl/status/statusor.h"
#include "mapping/draft_memory.h"
#include "mapping/field_mapping.h"
#include "mapping/transform_table.h"
#include "mapping/value.h"
#include "mapping/value_kinds.h"

namespace signal_delivery::mapping {

// One step of what a mapping does with a value before it is written: a row of
// the table with its argument. Immutable, thread-safe.
class Transform {
 public:
  // The error says where in the configuration what is wrong, and names the
  // nearest transform or argument there is.
  static absl::StatusOr<Transform> Create(const TransformStep& step);

  // As TransformRow::function.
  absl::StatusOr<Value> Apply(const Value& value, DraftMemory& memory) const;

  // The kinds of value it takes and gives; gives() is one kind alone.
  ValueKinds takes() const { return row_->takes; }
  ValueKinds gives() const;
  // True where it gives a time in ms since 1970.
  bool GivesMillis() const;

 private:
  Transform(const TransformRow& row, TransformArgument argument)
      : row_(&row), argument_(std::move(argument)) {}

  const TransformRow* row_;
  TransformArgument argument_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TRANSFORM_H_
