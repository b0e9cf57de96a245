#ifndef MAPPING_TRANSFORM_H_
#define MAPPING_TRANSFORM_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {

// What a mapping does with a value before it is written. Immutable,
// thread-safe.
//
//   transform    format                          takes a time, or a text in
//                                                ISO 8601, and gives
//   date_format  epoch_seconds, epoch_millis,    a number
//                epoch_micros
//                iso8601                         a text in UTC
class Transform {
 public:
  // `name` "" is the transform that does nothing. The error names the nearest
  // name or format there is.
  static absl::StatusOr<Transform> Create(absl::string_view name,
                                          absl::string_view format);

  // The new value. The error says what was expected; it holds no value.
  absl::StatusOr<Value> Apply(Value value) const;

 private:
  enum class Kind {
    kNone,
    kEpochSeconds,
    kEpochMillis,
    kEpochMicros,
    kIso8601
  };
  explicit Transform(Kind kind) : kind_(kind) {}
  Kind kind_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TRANSFORM_H_
