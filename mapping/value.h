#ifndef MAPPING_VALUE_H_
#define MAPPING_VALUE_H_

#include <algorithm>
#include <optional>
#include <type_traits>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "mapping/draft_memory.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// A value on its way from a Signal event to a batch. It borrows from the event,
// or, where a transform made it, from the memory of the event's drafts.
// std::monostate: there is none; JSON's null is none too.
using Value = std::variant<std::monostate, bool, double, absl::string_view,
                           absl::Time, ObjectView, ListView>;
static_assert(std::is_trivially_copyable_v<Value>);

inline bool IsText(const Value& value) {
  return std::holds_alternative<absl::string_view>(value);
}

// Only if IsText.
inline absl::string_view Text(const Value& value) {
  return std::get<absl::string_view>(value);
}

// True where there is nothing worth mapping: no value, or a text of nothing but
// white space, which Signal's senders use for "none".
inline bool IsEmpty(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  const auto* text = std::get_if<absl::string_view>(&value);
  return text != nullptr &&
         std::all_of(text->begin(), text->end(), absl::ascii_isspace);
}

// What kind of value it is, for a message to a person: "a number", "a list".
absl::string_view KindOf(const Value& value);

// A text, number or boolean as text; a number as in JSON, so that an id of
// 100000 does not become 1e+05. Nothing for other kinds, and for numbers that
// JSON has no word for. What has to be written for it is in `memory`.
std::optional<absl::string_view> TextOf(const Value& value,
                                        DraftMemory& memory);

// The number that a text holds, with white space around it or not; nothing
// where it holds another thing. Decimal only: "0x10" is no number to JSON.
std::optional<double> NumberIn(absl::string_view text);

// The value of a property or trait.
Value ValueOf(const Node& node);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_VALUE_H_
