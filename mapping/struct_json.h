// Parsed JSON <-> google.protobuf.Struct. Used by signal_json only.
#ifndef MAPPING_STRUCT_JSON_H_
#define MAPPING_STRUCT_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace signal_delivery::mapping {

// How many objects and lists may be nested in a Struct, itself included.
// Protobuf parsers read at most 100 nested messages, and each JSON object costs
// three of them (Struct, map entry, Value). One that is deeper than this could
// be built here, but no server could read it.
inline constexpr int kMaxStructDepth = 32;

// `path` is where `json` was found, for error messages.
absl::Status StructFromJson(const nlohmann::json& json, absl::string_view path,
                            google::protobuf::Struct* result);

// Whole numbers are written without a fraction: 2, not 2.0.
nlohmann::json StructToJson(const google::protobuf::Struct& value);

// "<path>: expected <expected>, found a number".
absl::Status WrongJsonType(absl::string_view path, absl::string_view expected,
                           const nlohmann::json& found);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_STRUCT_JSON_H_
