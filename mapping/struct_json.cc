#include "mapping/struct_json.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::ListValue;
using ::google::protobuf::Struct;
using ::google::protobuf::Value;
using ::nlohmann::json;

// 2^53: up to here every integer is a double, and the other way round.
constexpr double kMaxExactInteger = 9007199254740992.0;

absl::Status TooDeep(absl::string_view path) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": nested more than ", kMaxStructDepth, " levels deep"));
}

absl::Status ReadStruct(const json& from, const std::string& path, int depth,
                        Struct* to);

absl::Status ReadValue(const json& from, const std::string& path, int depth,
                       Value* to) {
  switch (from.type()) {
    case json::value_t::boolean:
      to->set_bool_value(from.get<bool>());
      return absl::OkStatus();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      to->set_number_value(from.get<double>());
      return absl::OkStatus();
    case json::value_t::string:
      to->set_string_value(from.get_ref<const std::string&>());
      return absl::OkStatus();
    case json::value_t::object:
      return ReadStruct(from, path, depth + 1, to->mutable_struct_value());
    case json::value_t::array: {
      if (depth + 1 > kMaxStructDepth) return TooDeep(path);
      ListValue* list = to->mutable_list_value();
      for (std::size_t i = 0; i < from.size(); ++i) {
        absl::Status status =
            ReadValue(from[i], absl::StrCat(path, "[", i, "]"), depth + 1,
                      list->add_values());
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    }
    default:
      to->set_null_value(google::protobuf::NULL_VALUE);
      return absl::OkStatus();
  }
}

absl::Status ReadStruct(const json& from, const std::string& path, int depth,
                        Struct* to) {
  if (depth > kMaxStructDepth) return TooDeep(path);
  for (const auto& [name, value] : from.items()) {
    absl::Status status = ReadValue(value, absl::StrCat(path, ".", name), depth,
                                    &(*to->mutable_fields())[name]);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

json NumberToJson(double number) {
  const bool whole =
      std::trunc(number) == number && std::abs(number) <= kMaxExactInteger;
  const bool negative_zero = number == 0 && std::signbit(number);
  if (whole && !negative_zero) return static_cast<std::int64_t>(number);
  return number;
}

json ValueToJson(const Value& value) {
  switch (value.kind_case()) {
    case Value::kBoolValue:
      return value.bool_value();
    case Value::kNumberValue:
      return NumberToJson(value.number_value());
    case Value::kStringValue:
      return value.string_value();
    case Value::kStructValue:
      return StructToJson(value.struct_value());
    case Value::kListValue: {
      json list = json::array();
      for (const Value& element : value.list_value().values()) {
        list.push_back(ValueToJson(element));
      }
      return list;
    }
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

absl::Status StructFromJson(const json& from, absl::string_view path,
                            Struct* result) {
  if (!from.is_object()) return WrongJsonType(path, "an object", from);
  return ReadStruct(from, std::string(path), 1, result);
}

json StructToJson(const Struct& value) {
  json object = json::object();
  for (const auto& [name, field] : value.fields()) {
    object[name] = ValueToJson(field);
  }
  return object;
}

absl::Status WrongJsonType(absl::string_view path, absl::string_view expected,
                           const json& found) {
  const bool vowel = found.is_object() || found.is_array();
  return absl::InvalidArgumentError(absl::StrCat(
      path, path.empty() ? "" : ": ", "expected ", expected, ", found ",
      found.is_null() ? "" : (vowel ? "an " : "a "), found.type_name()));
}

}  // namespace signal_delivery::mapping
