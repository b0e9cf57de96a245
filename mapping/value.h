#ifndef MAPPING_VALUE_H_
#define MAPPING_VALUE_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// A value on its way from a Signal event to a batch. It borrows from the event,
// except for a std::string, which a transform made. std::monostate: there is
// none; JSON's null is none too.
using Value = std::variant<std::monostate, bool, double, absl::string_view,
                           std::string, absl::Time, ObjectView, ListView>;

inline bool IsText(const Value& value) {
  return std::holds_alternative<absl::string_view>(value) ||
         std::holds_alternative<std::string>(value);
}

// Only if IsText.
inline absl::string_view Text(const Value& value) {
  const auto* view = std::get_if<absl::string_view>(&value);
  return view != nullptr ? *view : std::get<std::string>(value);
}

// True where there is nothing worth mapping: no value, or a text of nothing but
// white space, which Signal's senders use for "none".
bool IsEmpty(const Value& value);

// What kind of value it is, for a message to a person: "a number", "a list".
absl::string_view KindOf(const Value& value);

// A text, number or boolean as text; a number as in JSON, so that an id of
// 100000 does not become 1e+05. Nothing for other kinds, and for numbers that
// JSON has no word for.
std::optional<std::string> TextOf(const Value& value);

// The number that a text holds, with white space around it or not; nothing
// where it holds another thing. Decimal only: "0x10" is no number to JSON.
std::optional<double> NumberIn(absl::string_view text);

// The value of a property or trait.
Value ValueOf(const Node& node);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_VALUE_H_
