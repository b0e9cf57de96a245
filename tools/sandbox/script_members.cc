#include "tools/sandbox/script_members.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::sandbox {

using Json = nlohmann::json;

ScriptMembers::ScriptMembers(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) Fail("must be an object");
}

const Json* ScriptMembers::Find(const char* name) {
  known_.push_back(name);
  if (!object_.is_object()) return nullptr;
  const auto member = object_.find(name);
  return member == object_.end() ? nullptr : &*member;
}

void ScriptMembers::Read(const char* name, std::string& out) {
  const Json* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_string()) return Fail(absl::StrCat(name, " must be a text"));
  out = value->get<std::string>();
}

void ScriptMembers::Read(const char* name, bool& out) {
  const Json* value = Find(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) {
    return Fail(absl::StrCat(name, " must be true or false"));
  }
  out = value->get<bool>();
}

std::optional<int64_t> ScriptMembers::Number(const char* name, int64_t least,
                                             int64_t most) {
  const Json* value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer() || value->get<int64_t>() < least ||
      value->get<int64_t>() > most) {
    Fail(absl::StrCat(name, " must be an integer from ", least, " to ", most));
    return std::nullopt;
  }
  return value->get<int64_t>();
}

void ScriptMembers::Fail(absl::string_view what) {
  if (status_.ok()) {
    status_ = absl::InvalidArgumentError(absl::StrCat(where_, ": ", what));
  }
}

absl::Status ScriptMembers::Finish() {
  for (const auto& [name, value] : object_.items()) {
    if (object_.is_object() &&
        std::find(known_.begin(), known_.end(), name) == known_.end()) {
      Fail(absl::StrCat("unknown member ", name));
    }
  }
  return status_;
}

}  // namespace signal_delivery::sandbox
