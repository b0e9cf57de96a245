#include "mapping/field_value.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "mapping/batch_schema.h"
#include "mapping/code_points.h"
#include "mapping/text_format.h"
#include "mparticle/events/v2/values.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::mparticle::events::v2::AttributeList;
using ::mparticle::events::v2::UserAttributeValue;
using Fit = FieldValue::Fit;

// From 2^53 on a double does not hold every whole number, and 2^53 itself may
// have been 2^53 + 1: the one read may not be the one meant (IEEE 754; RFC
// 8259, section 6).
constexpr double kLargestExactInteger = 9007199254740991.0;

// Times in ms of real events lie between these; see Rule::kTimeUnit.
constexpr int64_t kEarliestMillis = 100'000'000'000;    // March 1973
constexpr int64_t kLatestMillis = 253'402'300'799'999;  // the end of 9999

FieldValue Unfit(absl::string_view expected, const Value& value) {
  return {Fit::kUnfit,
          {},
          absl::StrCat("expected ", expected, ", found ", KindOf(value))};
}

FieldValue NotFinite() {
  return {Fit::kUnfit, {}, "is not a finite number", Rule::kFiniteNumber};
}

// Takes from `text` what is too long.
FieldValue FitLength(absl::string_view text, int max_length) {
  if (max_length == 0) return {Fit::kExact, text, ""};
  const absl::string_view start = FirstCodePoints(text, max_length);
  if (start.size() == text.size()) return {Fit::kExact, text, ""};
  return {Fit::kConverted, start,
          absl::StrCat("has more than ", max_length, " characters; cut"),
          Rule::kTextLength};
}

Rule RuleOf(TextFormat format) {
  switch (format) {
    case TextFormat::TEXT_FORMAT_IP_ADDRESS:
      return Rule::kIpAddress;
    case TextFormat::TEXT_FORMAT_UUID:
      return Rule::kUuid;
    case TextFormat::TEXT_FORMAT_EMAIL:
      return Rule::kHashedEmail;
    default:
      return Rule::kValueType;
  }
}

bool IsInexact(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr && std::isfinite(*number) &&
         std::abs(*number) > kLargestExactInteger;
}

FieldValue Inexact() {
  return {Fit::kUnfit,
          {},
          "a number too large to be exact; send it as text",
          Rule::kWholeNumber};
}

FieldValue FitToText(const ValueRules& rules, const Value& value,
                     DraftMemory& memory) {
  if (IsText(value)) {
    if (HasFormat(Text(value), rules.format)) {
      return FitLength(Text(value), rules.max_length);
    }
    return {Fit::kUnfit,
            {},
            absl::StrCat("is not ", DescriptionOf(rules.format)),
            RuleOf(rules.format)};
  }
  if (rules.format == TextFormat::TEXT_FORMAT_IP_ADDRESS ||
      rules.format == TextFormat::TEXT_FORMAT_UUID) {
    return Unfit(DescriptionOf(rules.format), value);
  }
  if (IsInexact(value)) return Inexact();
  const auto* number = std::get_if<double>(&value);
  const std::optional<absl::string_view> text = TextOf(value, memory);
  if (!text.has_value()) {
    return number != nullptr ? NotFinite() : Unfit("a text", value);
  }
  return {Fit::kConverted, *text,
          absl::StrCat(KindOf(value), "; written as text"),
          Rule::kTextFromNumber};
}

FieldValue FitToNumber(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number)) return NotFinite();
    return {Fit::kExact, *number, ""};
  }
  if (IsText(value)) {
    if (const std::optional<double> number = NumberIn(Text(value))) {
      return {Fit::kConverted, *number, "a text; read as a number",
              Rule::kNumberAsText};
    }
  }
  return Unfit("a number", value);
}

// A time in ms that can only be in seconds or microseconds, in ms.
void FitToMillis(FieldValue& fitted) {
  auto& time = std::get<int64_t>(fitted.value);
  if (time > 0 && time < kEarliestMillis) {
    time *= 1000;
    fitted.note = "looks like seconds; read as such";
  } else if (time > kLatestMillis) {
    time /= 1000;
    fitted.note = "looks like microseconds; read as such";
  } else {
    return;
  }
  fitted.fit = Fit::kConverted;
  fitted.rule = Rule::kTimeUnit;
}

FieldValue FitToInteger(const ValueRules& rules, const Value& value,
                        double limit) {
  FieldValue fitted = FitToNumber(value);
  const auto* number = std::get_if<double>(&fitted.value);
  if (number == nullptr) return fitted;
  if (*number != std::trunc(*number) || std::abs(*number) > limit) {
    return {Fit::kUnfit, {}, "expected a whole number", Rule::kWholeNumber};
  }
  fitted.value = static_cast<int64_t>(*number);
  if (rules.is_time) FitToMillis(fitted);
  return fitted;
}

// mParticle's ids have up to 64 bits; a text holds them all.
FieldValue FitToInt64(const ValueRules& rules, const Value& value) {
  int64_t id;
  if (!rules.is_time && IsText(value) && absl::SimpleAtoi(Text(value), &id)) {
    return {Fit::kConverted, id, "a text; read as a number",
            Rule::kNumberAsText};
  }
  if (IsInexact(value)) return Inexact();
  return FitToInteger(rules, value, kLargestExactInteger);
}

FieldValue FitToBoolean(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return {Fit::kExact, *boolean, ""};
  }
  if (IsText(value) && (Text(value) == "true" || Text(value) == "false")) {
    return {Fit::kConverted, Text(value) == "true", "a text; read as a boolean",
            Rule::kBooleanAsText};
  }
  return Unfit("true or false", value);
}

FieldValue FitToEnum(const EnumDescriptor& type, const Value& value) {
  if (!IsText(value)) return Unfit("a text", value);
  if (const auto* found = FindBySpelling(type, Text(value))) {
    return {Fit::kExact, int64_t{found->number()}, ""};
  }
  std::vector<absl::string_view> spellings;
  for (int i = 1; i < type.value_count(); ++i) {
    spellings.push_back(Spelling(*type.value(i)));
  }
  return {Fit::kUnfit,
          {},
          absl::StrCat("is not one of ", absl::StrJoin(spellings, ", ")),
          Rule::kEnumValue};
}

bool IsScalar(const Node& node) {
  const Value value = ValueOf(node);
  const auto* number = std::get_if<double>(&value);
  return IsText(value) || std::holds_alternative<bool>(value) ||
         (number != nullptr && std::isfinite(*number));
}

FieldValue FitToList(const ValueRules& rules, const ListView& list) {
  const AttributeListValue value{list, rules.max_items, rules.max_item_length};
  if (list.size() > static_cast<size_t>(rules.max_items)) {
    return {Fit::kConverted,
            {},
            absl::StrCat("has more than ", rules.max_items, " entries; cut"),
            Rule::kListLength,
            value};
  }
  for (const Node& node : list.elements()) {
    if (node.kind() != Node::Kind::kText) continue;
    FieldValue item = FitLength(node.text(), rules.max_item_length);
    if (item.fit == Fit::kExact) continue;
    return {Fit::kConverted,
            {},
            absl::StrCat("an entry ", item.note),
            item.rule,
            value};
  }
  return {.list = value};
}

FieldValue FitToAttribute(const ValueRules& rules, const Value& value) {
  if (IsText(value)) return FitLength(Text(value), rules.max_length);
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return {Fit::kExact, *boolean, ""};
  }
  if (std::holds_alternative<double>(value)) return FitToNumber(value);
  const auto* list = std::get_if<ListView>(&value);
  if (list != nullptr && rules.takes_list &&
      std::all_of(list->elements().begin(), list->elements().end(), IsScalar)) {
    return FitToList(rules, *list);
  }
  return Unfit(rules.takes_list
                   ? "a text, a number, a boolean or a list of those"
                   : "a text, a number or a boolean",
               value);
}

}  // namespace

FieldValue FitToField(const FieldDescriptor& field, const ValueRules& rules,
                      const Value& value, DraftMemory& memory) {
  switch (rules.type) {
    case FieldDescriptor::CPPTYPE_STRING:
      return FitToText(rules, value, memory);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return FitToNumber(value);
    case FieldDescriptor::CPPTYPE_INT32:
      return FitToInteger(rules, value, INT32_MAX);
    case FieldDescriptor::CPPTYPE_INT64:
      return FitToInt64(rules, value);
    case FieldDescriptor::CPPTYPE_BOOL:
      return FitToBoolean(value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return FitToEnum(*field.enum_type(), value);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FitToAttribute(rules, value);
    default:
      return Unfit("another type", value);
  }
}

std::optional<Draft::Value> AsItIs(const ValueRules& rules,
                                   const Value& value) {
  const bool is_attribute = rules.type == FieldDescriptor::CPPTYPE_MESSAGE;
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    if (!is_attribute && rules.type != FieldDescriptor::CPPTYPE_STRING) {
      return std::nullopt;
    }
    // There are no more code points than bytes.
    const bool fits = rules.max_length == 0 ||
                      text->size() <= static_cast<size_t>(rules.max_length);
    const bool has_format =
        rules.format == TextFormat::TEXT_FORMAT_UNSPECIFIED ||
        HasFormat(*text, rules.format);
    if (!fits || !has_format) return std::nullopt;
    return *text;
  }
  if (const auto* number = std::get_if<double>(&value)) {
    const bool fits =
        (is_attribute || rules.type == FieldDescriptor::CPPTYPE_DOUBLE) &&
        std::isfinite(*number);
    if (!fits) return std::nullopt;
    return *number;
  }
  const auto* boolean = std::get_if<bool>(&value);
  if (boolean == nullptr ||
      (!is_attribute && rules.type != FieldDescriptor::CPPTYPE_BOOL)) {
    return std::nullopt;
  }
  return *boolean;
}

void SetField(Draft& message, Draft::Value& place, const FieldValue& value) {
  if (!value.list.has_value()) {
    place = value.value;
    return;
  }
  const ValueRules item_rules{.max_length = value.list->max_item_length};
  place = std::monostate();
  // Made also where it stays empty: an attribute without a value is none.
  Draft& items = message.MessageIn(place).MessageAt(
      UserAttributeValue::kListValueFieldNumber);
  int left = value.list->max_items;
  for (const Node& node : value.list->list.elements()) {
    if (left-- == 0) break;
    items.Add(AttributeList::kValuesFieldNumber) =
        FitToAttribute(item_rules, ValueOf(node)).value;
  }
}

}  // namespace signal_delivery::mapping
