#ifndef MAPPING_FIELD_VALUE_H_
#define MAPPING_FIELD_VALUE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "mapping/draft.h"
#include "mapping/draft_memory.h"
#include "mapping/node.h"
#include "mapping/rule.h"
#include "mapping/value.h"
#include "mapping/value_rules.h"

namespace signal_delivery::mapping {

// A list for a user attribute, as much of it as mParticle takes.
struct AttributeListValue {
  ListView list;
  int max_items;
  int max_item_length;
};

// A value in the form that a field of a batch message takes, or the reason why
// it cannot take it. Borrows what the value it was made of borrows.
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
  // All but a list.
  Draft::Value value;
  std::string note;
  // The rule that the note is about.
  Rule rule = Rule::kValueType;
  std::optional<AttributeListValue> list;
};

// Fits `value` to a singular `field`, whose rules are `rules`: a scalar, an
// enum, or an attribute's value. A number that comes as text is read, a number
// for a text is written out, what is too long is cut, all with a note; times,
// objects and lists fit nowhere but a list in a user attribute. A text that is
// written for it is in `memory`.
FieldValue FitToField(const google::protobuf::FieldDescriptor& field,
                      const ValueRules& rules, const Value& value,
                      DraftMemory& memory);

// What nearly every value is: one that the field takes as it is, and what is
// written of it then. Nothing where it takes a closer look.
std::optional<Draft::Value> AsItIs(const ValueRules& rules, const Value& value);

// Writes a fitting `value` to `place`, which is in `message`.
void SetField(Draft& message, Draft::Value& place, const FieldValue& value);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FIELD_VALUE_H_
