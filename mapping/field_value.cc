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
#include "mapping/json_text.h"
#include "mparticle/events/v2/values.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::ListValue;
using ::google::protobuf::Message;
using ::mparticle::events::v2::AttributeList;
using ::mparticle::events::v2::AttributeValue;
using ::mparticle::events::v2::UserAttributeValue;
using Fit = FieldValue::Fit;

// Beyond 2^53 a double does not hold every whole number, so that the one read
// may not be the one meant (IEEE 754; RFC 8259, section 6).
constexpr double kLargestExactInteger = 9007199254740992.0;

FieldValue Unfit(absl::string_view expected, const Value& value) {
  return {Fit::kUnfit,
          {},
          absl::StrCat("expected ", expected, ", found ", KindOf(value))};
}

FieldValue NotFinite() { return {Fit::kUnfit, {}, "is not a finite number"}; }

FieldValue FitToText(TextFormat format, const Value& value) {
  FieldValue fitted;
  if (IsText(value)) {
    fitted.value = Text(value);
  } else if (const auto* number = std::get_if<double>(&value)) {
    // As in JSON: an id of 100000 must not become 1e+05.
    std::string text;
    if (!AppendJsonNumber(*number, &text)) return NotFinite();
    fitted = {Fit::kConverted, std::move(text), "a number; written as text"};
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    fitted = {Fit::kConverted, absl::string_view(*boolean ? "true" : "false"),
              "a boolean; written as text"};
  } else {
    return Unfit("a text", value);
  }
  if (format != TextFormat::TEXT_FORMAT_UNSPECIFIED &&
      !(IsText(value) && HasFormat(Text(value), format))) {
    return {Fit::kUnfit, {}, absl::StrCat("is not ", DescriptionOf(format))};
  }
  return fitted;
}

FieldValue FitToNumber(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number)) return NotFinite();
    return {Fit::kExact, *number, ""};
  }
  double number;
  if (IsText(value) && absl::SimpleAtod(Text(value), &number) &&
      std::isfinite(number)) {
    return {Fit::kConverted, number, "a text; read as a number"};
  }
  return Unfit("a number", value);
}

FieldValue FitToInteger(const Value& value, double limit) {
  FieldValue fitted = FitToNumber(value);
  const auto* number = std::get_if<double>(&fitted.value);
  if (number == nullptr) return fitted;
  if (*number != std::trunc(*number) || std::abs(*number) > limit) {
    return {Fit::kUnfit, {}, "expected a whole number"};
  }
  fitted.value = static_cast<int64_t>(*number);
  return fitted;
}

FieldValue FitToBoolean(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return {Fit::kExact, *boolean, ""};
  }
  if (IsText(value) && (Text(value) == "true" || Text(value) == "false")) {
    return {Fit::kConverted, Text(value) == "true",
            "a text; read as a boolean"};
  }
  return Unfit("true or false", value);
}

FieldValue FitToEnum(const EnumDescriptor& type, const Value& value) {
  if (!IsText(value)) return Unfit("a text", value);
  if (const auto* found = FindBySpelling(type, Text(value))) {
    return {Fit::kExact, found, ""};
  }
  std::vector<absl::string_view> spellings;
  for (int i = 1; i < type.value_count(); ++i) {
    spellings.push_back(Spelling(*type.value(i)));
  }
  return {Fit::kUnfit,
          {},
          absl::StrCat("is not one of ", absl::StrJoin(spellings, ", "))};
}

bool IsScalar(const google::protobuf::Value& node) {
  const Value value = FromProto(node);
  const auto* number = std::get_if<double>(&value);
  return IsText(value) || std::holds_alternative<bool>(value) ||
         (number != nullptr && std::isfinite(*number));
}

FieldValue FitToAttribute(const Descriptor* type, const Value& value) {
  if (IsText(value)) return {Fit::kExact, Text(value), ""};
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return {Fit::kExact, *boolean, ""};
  }
  if (std::holds_alternative<double>(value)) return FitToNumber(value);
  const auto* list = std::get_if<const ListValue*>(&value);
  if (list != nullptr && type == UserAttributeValue::descriptor() &&
      std::all_of((*list)->values().begin(), (*list)->values().end(),
                  IsScalar)) {
    return {Fit::kExact, *list, ""};
  }
  return Unfit(type == UserAttributeValue::descriptor()
                   ? "a text, a number, a boolean or a list of those"
                   : "a text, a number or a boolean",
               value);
}

// AttributeValue and UserAttributeValue name their scalars alike.
template <typename Attribute>
void SetScalar(const FieldValue& value, Attribute& attribute) {
  if (const auto* boolean = std::get_if<bool>(&value.value)) {
    attribute.set_bool_value(*boolean);
  } else if (const auto* number = std::get_if<double>(&value.value)) {
    attribute.set_number_value(*number);
  } else if (const auto* text = std::get_if<absl::string_view>(&value.value)) {
    attribute.set_string_value(std::string(*text));
  } else if (const auto* own = std::get_if<std::string>(&value.value)) {
    attribute.set_string_value(*own);
  }
}

void SetUserAttribute(const FieldValue& value, UserAttributeValue& attribute) {
  const auto* list = std::get_if<const ListValue*>(&value.value);
  if (list == nullptr) return SetScalar(value, attribute);
  // Made also where it stays empty: an attribute without a value is none.
  AttributeList& items = *attribute.mutable_list_value();
  for (const google::protobuf::Value& node : (*list)->values()) {
    const Value item = FromProto(node);
    SetScalar(FitToAttribute(AttributeValue::descriptor(), item),
              *items.add_values());
  }
}

}  // namespace

bool IsAttributeValue(const Descriptor* message) {
  return message == AttributeValue::descriptor() ||
         message == UserAttributeValue::descriptor();
}

FieldValue FitToField(const FieldDescriptor& field, TextFormat format,
                      const Value& value) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return FitToText(format, value);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return FitToNumber(value);
    case FieldDescriptor::CPPTYPE_INT32:
      return FitToInteger(value, INT32_MAX);
    case FieldDescriptor::CPPTYPE_INT64:
      return FitToInteger(value, kLargestExactInteger);
    case FieldDescriptor::CPPTYPE_BOOL:
      return FitToBoolean(value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return FitToEnum(*field.enum_type(), value);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FitToAttribute(field.message_type(), value);
    default:
      return Unfit("another type", value);
  }
}

void SetField(Message& message, const FieldDescriptor& field,
              const FieldValue& value) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(
          &message, &field,
          std::holds_alternative<std::string>(value.value)
              ? std::get<std::string>(value.value)
              : std::string(std::get<absl::string_view>(value.value)));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.SetDouble(&message, &field, std::get<double>(value.value));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(&message, &field,
                          static_cast<int32_t>(std::get<int64_t>(value.value)));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(&message, &field, std::get<int64_t>(value.value));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(&message, &field, std::get<bool>(value.value));
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.SetEnum(
          &message, &field,
          std::get<const google::protobuf::EnumValueDescriptor*>(value.value));
      return;
    default:
      break;
  }
  Message* attribute = reflection.MutableMessage(&message, &field);
  if (attribute->GetDescriptor() == UserAttributeValue::descriptor()) {
    SetUserAttribute(value, static_cast<UserAttributeValue&>(*attribute));
  } else {
    SetScalar(value, static_cast<AttributeValue&>(*attribute));
  }
}

}  // namespace signal_delivery::mapping
