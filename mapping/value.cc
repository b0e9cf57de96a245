#include "mapping/value.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "mapping/json_text.h"

namespace signal_delivery::mapping {

absl::string_view KindOf(const Value& value) {
  struct Namer {
    absl::string_view operator()(std::monostate) { return "nothing"; }
    absl::string_view operator()(bool) { return "a boolean"; }
    absl::string_view operator()(double) { return "a number"; }
    absl::string_view operator()(absl::string_view) { return "a text"; }
    absl::string_view operator()(absl::Time) { return "a time"; }
    absl::string_view operator()(const ObjectView&) { return "an object"; }
    absl::string_view operator()(const ListView&) { return "a list"; }
  };
  return std::visit(Namer(), value);
}

std::optional<absl::string_view> TextOf(const Value& value,
                                        DraftMemory& memory) {
  if (IsText(value)) return Text(value);
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return *boolean ? "true" : "false";
  }
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr) return std::nullopt;
  char text[kJsonNumberRoom];
  const char* const end = WriteJsonNumber(*number, text);
  if (end == nullptr) return std::nullopt;
  return memory.Keep({text, static_cast<size_t>(end - text)});
}

std::optional<double> NumberIn(absl::string_view text) {
  const bool is_decimal = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || absl::ascii_isspace(c) ||
           absl::string_view("+-.eE").find(c) != absl::string_view::npos;
  });
  double number;
  if (!is_decimal || !absl::SimpleAtod(text, &number) ||
      !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

Value ValueOf(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::kBoolean:
      return node.boolean();
    case Node::Kind::kNumber:
      return node.number();
    case Node::Kind::kText:
      return node.text();
    case Node::Kind::kObject:
      return node.object();
    case Node::Kind::kList:
      return node.list();
    case Node::Kind::kNull:
      break;
  }
  return std::monostate();
}

}  // namespace signal_delivery::mapping
