#include "mapping/transform.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

using Argument = TransformArgument;

constexpr absl::string_view kEpochMillis = "epoch_millis";
constexpr absl::string_view kIso8601 = "iso8601";
constexpr absl::string_view kTimeFormats[] = {"epoch_seconds", kEpochMillis,
                                              "epoch_micros", kIso8601};

// More than any text of an event has.
constexpr double kMaxCount = 1'000'000;

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const TransformRow& row : TransformTable()) names.emplace_back(row.name);
  return names;
}

absl::StatusOr<Argument> TextArgument(const TransformStep& step) {
  const auto* text = std::get_if<std::string>(&*step.argument);
  if (text == nullptr || text->empty()) {
    return step.argument_origin.Error(
        absl::StrCat("\"", step.name, "\" takes a text that is not empty"));
  }
  return Argument{*text};
}

absl::StatusOr<Argument> NumberArgument(const TransformStep& step,
                                        bool is_count) {
  std::optional<double> number;
  if (const auto* given = std::get_if<double>(&*step.argument)) {
    number = *given;
  } else if (const auto* text = std::get_if<std::string>(&*step.argument)) {
    number = NumberIn(*text);  // 0.10 stands as it is written
  }
  if (number.has_value() &&
      (!is_count || (*number >= 1 && *number <= kMaxCount &&
                     *number == std::floor(*number)))) {
    return Argument{"", *number};
  }
  return step.argument_origin.Error(
      absl::StrCat("\"", step.name, "\" takes a ",
                   is_count ? "whole number from 1" : "number"));
}

absl::StatusOr<Argument> TimeFormatArgument(const TransformStep& step) {
  const auto* text = std::get_if<std::string>(&*step.argument);
  std::vector<std::string> known;
  for (const absl::string_view format : kTimeFormats) {
    if (text != nullptr && *text == format) return Argument{*text};
    known.emplace_back(format);
  }
  return step.argument_origin.UnknownWord("format",
                                          text == nullptr ? "" : *text, known);
}

absl::StatusOr<Argument> ArgumentOf(const TransformStep& step,
                                    ArgumentKind kind) {
  if (kind == ArgumentKind::kNone) {
    if (!step.argument.has_value()) return Argument{};
    return step.argument_origin.Error(
        absl::StrCat("\"", step.name, "\" takes no argument"));
  }
  if (!step.argument.has_value()) {
    return step.argument_origin.Error(
        kind == ArgumentKind::kTimeFormat
            ? "date_format needs a \"format\"; write, for example, format: "
              "epoch_millis"
            : absl::StrCat("\"", step.name, "\" needs an argument; write {",
                           step.name, ": ...}"));
  }
  switch (kind) {
    case ArgumentKind::kText:
      return TextArgument(step);
    case ArgumentKind::kTimeFormat:
      return TimeFormatArgument(step);
    default:
      return NumberArgument(step, kind == ArgumentKind::kCount);
  }
}

}  // namespace

absl::StatusOr<Transform> Transform::Create(const TransformStep& step) {
  for (const TransformRow& row : TransformTable()) {
    if (row.name != step.name) continue;
    ASSIGN_OR_RETURN(Argument argument, ArgumentOf(step, row.argument));
    return Transform(row, std::move(argument));
  }
  return step.origin.UnknownWord("transform", step.name, Names());
}

ValueKinds Transform::gives() const {
  // The one transform whose argument decides.
  if (row_->argument != ArgumentKind::kTimeFormat) return row_->gives;
  return argument_.text == kIso8601 ? kText : kNumber;
}

bool Transform::GivesMillis() const {
  return row_->argument == ArgumentKind::kTimeFormat &&
         argument_.text == kEpochMillis;
}

absl::StatusOr<Value> Transform::Apply(const Value& value,
                                       DraftMemory& memory) const {
  return row_->function(value, argument_, memory);
}

}  // namespace signal_delivery::mapping
