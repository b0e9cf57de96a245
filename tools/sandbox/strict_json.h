#ifndef TOOLS_SANDBOX_STRICT_JSON_H_
#define TOOLS_SANDBOX_STRICT_JSON_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace signal_delivery::sandbox {

// Deeper nesting than this has no use in a batch (its own depth is about eight)
// and would let a body of brackets exhaust the stack of whoever walks it.
inline constexpr int kMaxJsonDepth = 32;

// Reads JSON as RFC 8259 has it, and refuses what readers disagree on: a key
// that appears twice in one object, text that is not UTF-8, numbers out of
// range. The message of an error says where, and never quotes the text.
absl::StatusOr<nlohmann::json> ParseStrictJson(absl::string_view text);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_STRICT_JSON_H_
