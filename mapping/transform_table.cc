#include "mapping/transform_table.h"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "mapping/code_points.h"
#include "mapping/node.h"
#include "mapping/path_template.h"
#include "mapping/sha256.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

using Argument = TransformArgument;

// How many decimal digits a double holds exactly (IEEE 754: DBL_DIG).
constexpr int kExactDigits = 15;

absl::Status Expected(absl::string_view expected, const Value& value) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", expected, ", found ", KindOf(value)));
}

absl::StatusOr<Value> ToString(const Value& value, const Argument&,
                               DraftMemory& memory) {
  if (const auto text = TextOf(value, memory)) return Value(*text);
  return Expected("a single value", value);
}

// A text that was made, or a piece of the one that was given.
Value Made(const std::string& text, DraftMemory& memory) {
  return memory.Keep(text);
}
Value Made(absl::string_view piece, DraftMemory&) { return piece; }

// A function over texts. A number or a boolean is written as text first.
template <typename Convert>
absl::StatusOr<Value> OnText(const Value& value, DraftMemory& memory,
                             Convert convert) {
  if (const auto text = TextOf(value, memory)) {
    return Made(convert(*text), memory);
  }
  return Expected("a text", value);
}

absl::StatusOr<double> AsNumber(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::isfinite(*number)) return *number;
    return absl::InvalidArgumentError("is not a finite number");
  }
  if (IsText(value)) {
    if (const auto number = NumberIn(Text(value))) return *number;
  }
  return Expected("a number", value);
}

absl::StatusOr<Value> ToNumber(const Value& value, const Argument&,
                               DraftMemory&) {
  ASSIGN_OR_RETURN(const double number, AsNumber(value));
  return Value(number);
}

absl::StatusOr<Value> ToInteger(const Value& value, const Argument&,
                                DraftMemory&) {
  ASSIGN_OR_RETURN(const double number, AsNumber(value));
  return Value(std::round(number));
}

absl::StatusOr<Value> ToBoolean(const Value& value, const Argument&,
                                DraftMemory& memory) {
  if (std::holds_alternative<bool>(value)) return value;
  const std::optional<absl::string_view> text = TextOf(value, memory);
  const std::string word =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.value_or("")));
  if (word == "true" || word == "yes" || word == "1") return Value(true);
  if (word == "false" || word == "no" || word == "0") return Value(false);
  return absl::InvalidArgumentError(
      "expected true or false, yes or no, 1 or 0");
}

absl::StatusOr<Value> Lowercase(const Value& value, const Argument&,
                                DraftMemory& memory) {
  return OnText(value, memory, ToLower);
}

absl::StatusOr<Value> Uppercase(const Value& value, const Argument&,
                                DraftMemory& memory) {
  return OnText(value, memory, ToUpper);
}

absl::StatusOr<Value> Trim(const Value& value, const Argument&,
                           DraftMemory& memory) {
  return OnText(value, memory, [](absl::string_view text) {
    return absl::StripAsciiWhitespace(text);
  });
}

absl::StatusOr<Value> Sha256(const Value& value, const Argument&,
                             DraftMemory& memory) {
  return OnText(value, memory, [](absl::string_view text) {
    std::string normal = ToLower(absl::StripAsciiWhitespace(text));
    return IsSha256Hex(normal) ? normal : Sha256Hex(normal);
  });
}

absl::StatusOr<Value> DateFormat(const Value& value, const Argument& format,
                                 DraftMemory& memory) {
  absl::Time time;
  if (const auto* given = std::get_if<absl::Time>(&value)) {
    time = *given;
  } else if (!IsText(value) ||
             !absl::ParseTime(absl::RFC3339_full, Text(value), &time,
                              nullptr) ||
             time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return Expected("a time in ISO 8601, such as 2024-01-29T14:53:20Z", value);
  }
  if (format.text == "epoch_seconds") {
    return Value(static_cast<double>(absl::ToUnixSeconds(time)));
  }
  if (format.text == "epoch_millis") {
    return Value(static_cast<double>(absl::ToUnixMillis(time)));
  }
  if (format.text == "epoch_micros") {
    return Value(static_cast<double>(absl::ToUnixMicros(time)));
  }
  return Made(
      absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone()),
      memory);
}

absl::StatusOr<Value> Truncate(const Value& value, const Argument& length,
                               DraftMemory& memory) {
  return OnText(value, memory, [&](absl::string_view text) {
    return FirstCodePoints(text, static_cast<size_t>(length.number));
  });
}

absl::StatusOr<Value> Join(const Value& value, const Argument& separator,
                           DraftMemory& memory) {
  const auto* list = std::get_if<ListView>(&value);
  if (list == nullptr) return Expected("a list", value);
  std::string joined;
  bool is_first = true;
  for (const Node& element : list->elements()) {
    const Value item = ValueOf(element);
    if (IsEmpty(item)) continue;
    const std::optional<absl::string_view> text = TextOf(item, memory);
    if (!text.has_value()) return Expected("a list of single values", item);
    absl::StrAppend(&joined, is_first ? "" : separator.text, *text);
    is_first = false;
  }
  return Made(joined, memory);
}

absl::StatusOr<Value> Split(const Value& value, const Argument& separator,
                            DraftMemory& memory) {
  ASSIGN_OR_RETURN(const Value text, ToString(value, {}, memory));
  std::vector<Node> pieces;
  for (absl::string_view piece : absl::StrSplit(Text(text), separator.text)) {
    piece = absl::StripAsciiWhitespace(piece);
    if (!piece.empty()) pieces.emplace_back(piece);
  }
  if (pieces.empty()) return Value(std::monostate());
  auto* const first =
      static_cast<Node*>(memory.Allocate(pieces.size() * sizeof(Node)));
  std::uninitialized_copy(pieces.begin(), pieces.end(), first);
  return Value(ListView(absl::MakeConstSpan(first, pieces.size())));
}

absl::StatusOr<Value> Multiply(const Value& value, const Argument& factor,
                               DraftMemory&) {
  ASSIGN_OR_RETURN(const double number, AsNumber(value));
  // Without the noise of binary fractions: 1.1 times 100 is 110.
  return Value(std::strtod(
      absl::StrFormat("%.*g", kExactDigits, number * factor.number).c_str(),
      nullptr));
}

absl::StatusOr<Value> Prefix(const Value& value, const Argument& prefix,
                             DraftMemory& memory) {
  return OnText(value, memory, [&](absl::string_view text) {
    return absl::StrCat(prefix.text, text);
  });
}

// A code of so many letters, in upper case.
absl::StatusOr<Value> Code(const Value& value, size_t letters,
                           absl::string_view expected, DraftMemory& memory) {
  if (!IsText(value)) return Expected(expected, value);
  std::string code =
      absl::AsciiStrToUpper(absl::StripAsciiWhitespace(Text(value)));
  bool fits = code.size() == letters;
  for (const char letter : code) fits = fits && absl::ascii_isupper(letter);
  if (fits) return Made(code, memory);
  return absl::InvalidArgumentError(absl::StrCat("is not ", expected));
}

absl::StatusOr<Value> Country(const Value& value, const Argument&,
                              DraftMemory& memory) {
  return Code(value, 2, "a country's code of two letters (ISO 3166)", memory);
}

absl::StatusOr<Value> Currency(const Value& value, const Argument&,
                               DraftMemory& memory) {
  return Code(value, 3, "a currency's code of three letters (ISO 4217)",
              memory);
}

absl::StatusOr<Value> PathTemplate(const Value& value, const Argument&,
                                   DraftMemory& memory) {
  return OnText(value, memory, TemplateOfPath);
}

constexpr TransformRow kRows[] = {
    {"string", ArgumentKind::kNone, kSingleValue, kText,
     "Writes a number or a boolean as text.", "", "100000", "\"100000\"",
     ToString},
    {"number", ArgumentKind::kNone, kText | kNumber, kNumber,
     "Reads a number from a text.", "", "\" 129.99 \"", "129.99", ToNumber},
    {"integer", ArgumentKind::kNone, kText | kNumber, kNumber,
     "Rounds to the nearest whole number; a text is read first.", "", "\"2.5\"",
     "3", ToInteger},
    {"boolean", ArgumentKind::kNone, kSingleValue, kBoolean,
     "Reads true, yes and 1, false, no and 0, in upper or lower case.", "",
     "\"Yes\"", "true", ToBoolean},
    {"lowercase", ArgumentKind::kNone, kSingleValue, kText,
     "Lower case, in every script.", "", "\"ZÜRICH\"", "\"zürich\"", Lowercase},
    {"uppercase", ArgumentKind::kNone, kSingleValue, kText,
     "Upper case, in every script.", "", "\"é\"", "\"É\"", Uppercase},
    {"trim", ArgumentKind::kNone, kSingleValue, kText,
     "Takes white space off both ends.", "", "\"  a b \"", "\"a b\"", Trim},
    {"sha256", ArgumentKind::kNone, kSingleValue, kText,
     "SHA-256 of the trimmed, lower-case text, as 64 hexadecimal digits. What "
     "is such a hash already stays one.",
     "", "\" Jane.Doe@Example.com \"",
     "\"86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d\"",
     Sha256},
    {"date_format", ArgumentKind::kTimeFormat, kText | kTime, kText | kNumber,
     "Writes a time, or a text in ISO 8601, in another form.", "epoch_millis",
     "\"2024-01-29T14:53:20Z\"", "1706540000000", DateFormat},
    {"truncate", ArgumentKind::kCount, kSingleValue, kText,
     "Keeps so many characters (Unicode code points).", "3", "\"größer\"",
     "\"grö\"", Truncate},
    {"join", ArgumentKind::kText, kList, kText,
     "Makes one text of a list of single values, with this between them.",
     "\", \"", "[\"a\", \"\", 2]", "\"a, 2\"", Join},
    {"split", ArgumentKind::kText, kSingleValue, kList,
     "Makes a list of a text, cut where this stands; the pieces are trimmed, "
     "empty ones left out.",
     "\",\"", "\"a, b,\"", "[\"a\", \"b\"]", Split},
    {"multiply", ArgumentKind::kNumber, kText | kNumber, kNumber,
     "Multiplies by this, for example to make cents of dollars; rounded to 15 "
     "digits. A text is read first.",
     "100", "1.1", "110", Multiply},
    {"prefix", ArgumentKind::kText, kSingleValue, kText,
     "Puts this before the text.", "\"sku-\"", "42", "\"sku-42\"", Prefix},
    {"country", ArgumentKind::kNone, kText, kText,
     "A country's code (ISO 3166, two letters): trimmed, in upper case. "
     "Anything else is left out.",
     "", "\"de\"", "\"DE\"", Country},
    {"currency", ArgumentKind::kNone, kText, kText,
     "A currency's code (ISO 4217, three letters): trimmed, in upper case. "
     "Anything else is left out.",
     "", "\"usd \"", "\"USD\"", Currency},
    {"path_template", ArgumentKind::kNone, kText, kText,
     "The path of a URL or a path itself, with \":id\" for every part that "
     "holds a digit; without query and fragment. Keeps the number of screen "
     "names small.",
     "", "\"https://acme.example/orders/1234?tab=2\"", "\"/orders/:id\"",
     PathTemplate},
};

}  // namespace

absl::Span<const TransformRow> TransformTable() { return kRows; }

}  // namespace signal_delivery::mapping
