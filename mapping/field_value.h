#ifndef MAPPING_FIELD_VALUE_H_
#define MAPPING_FIELD_VALUE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "mapping/text_format.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {

// A value in the form that a field of a batch message takes, or the reason why
// it cannot take it. Borrows from the value it was made of.
struct FieldValue {
  enum class Fit {
    // Written as it is.
    kExact,
    // Written in another form; `note` says which.
    kConverted,
    // mParticle would refuse it; `note` says what was expected.
    kUnfit,
  };

  Fit fit = Fit::kExact;
  std::variant<std::monostate, bool, int64_t, double, absl::string_view,
               std::string, const google::protobuf::EnumValueDescriptor*,
               const google::protobuf::ListValue*>
      value;
  std::string note;
};

// Fits `value` to a singular `field`: a scalar, an enum, or an attribute's
// value. A number that comes as text is read, a number for a text is written
// out, both with a note; times, objects and lists fit nowhere but a list in a
// user attribute. `value` must outlive the result.
//
// `format` is the field's, from FormatOf(); looking it up takes too long on the
// way of an event.
FieldValue FitToField(const google::protobuf::FieldDescriptor& field,
                      TextFormat format, const Value& value);

// Sets `field` of `message` to a fitting `value`.
void SetField(google::protobuf::Message& message,
              const google::protobuf::FieldDescriptor& field,
              const FieldValue& value);

// True for the message types that hold one attribute's value.
bool IsAttributeValue(const google::protobuf::Descriptor* message);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FIELD_VALUE_H_
