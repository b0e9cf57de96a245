#include "mapping/transform.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "mapping/nearest_word.h"

namespace signal_delivery::mapping {
namespace {

std::optional<absl::Time> AsTime(const Value& value) {
  if (const auto* time = std::get_if<absl::Time>(&value)) return *time;
  absl::Time time;
  if (IsText(value) &&
      absl::ParseTime(absl::RFC3339_full, Text(value), &time, nullptr)) {
    return time;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Transform> Transform::Create(absl::string_view name,
                                            absl::string_view format) {
  static constexpr std::pair<absl::string_view, Kind> kFormats[] = {
      {"epoch_seconds", Kind::kEpochSeconds},
      {"epoch_millis", Kind::kEpochMillis},
      {"epoch_micros", Kind::kEpochMicros},
      {"iso8601", Kind::kIso8601},
  };
  if (name.empty()) {
    if (format.empty()) return Transform(Kind::kNone);
    return absl::InvalidArgumentError(
        "a \"format\" needs a transform; write transform: date_format");
  }
  if (name != "date_format") {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown transform \"", name, "\"", Suggestion(name, {"date_format"})));
  }
  std::vector<std::string> known;
  for (const auto& [word, kind] : kFormats) {
    if (word == format) return Transform(kind);
    known.emplace_back(word);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown format \"", format, "\"", Suggestion(format, known)));
}

absl::StatusOr<Value> Transform::Apply(Value value) const {
  if (kind_ == Kind::kNone) return value;
  const std::optional<absl::Time> time = AsTime(value);
  if (!time.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a time in ISO 8601, found ", KindOf(value)));
  }
  switch (kind_) {
    case Kind::kEpochSeconds:
      return Value(static_cast<double>(absl::ToUnixSeconds(*time)));
    case Kind::kEpochMillis:
      return Value(static_cast<double>(absl::ToUnixMillis(*time)));
    case Kind::kEpochMicros:
      return Value(static_cast<double>(absl::ToUnixMicros(*time)));
    case Kind::kIso8601:
      return Value(absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", *time,
                                    absl::UTCTimeZone()));
    case Kind::kNone:
      break;
  }
  return value;
}

}  // namespace signal_delivery::mapping
