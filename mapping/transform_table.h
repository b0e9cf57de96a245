#ifndef MAPPING_TRANSFORM_TABLE_H_
#define MAPPING_TRANSFORM_TABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/draft_memory.h"
#include "mapping/value.h"
#include "mapping/value_kinds.h"

namespace signal_delivery::mapping {

// What a transform must be told.
enum class ArgumentKind {
  kNone,
  kText,
  kNumber,
  // A whole number from 1.
  kCount,
  // epoch_seconds, epoch_millis, epoch_micros or iso8601.
  kTimeFormat,
};

struct TransformArgument {
  std::string text;
  double number = 0;
};

// A transform: what it is, for the loader and the reference page, and what it
// does. Its example is tested.
struct TransformRow {
  absl::string_view name;
  ArgumentKind argument;
  ValueKinds takes;
  ValueKinds gives;
  absl::string_view meaning;
  // As in a configuration, "" for none; and a value before and after, as JSON.
  absl::string_view example_argument;
  absl::string_view example_input;
  absl::string_view example_output;
  // The new value, or why there is none; that never holds the value. What it
  // makes is in `memory`.
  absl::StatusOr<Value> (*function)(const Value& value,
                                    const TransformArgument& argument,
                                    DraftMemory& memory);
};

// Every transform there is.
absl::Span<const TransformRow> TransformTable();

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TRANSFORM_TABLE_H_
