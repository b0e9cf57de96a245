#include "tools/cli/json_difference.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "tools/cli/event_text.h"

namespace signal_delivery::cli {
namespace {

using Json = ::nlohmann::ordered_json;

// Of a value: enough to see what it is, a line or two of a terminal.
constexpr std::size_t kMaxShownBytes = 160;

bool ContinuesCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// nullptr is a value that is not there.
std::string Shown(const Json* value) {
  if (value == nullptr) return "nothing";
  std::string text =
      value->dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false,
                  Json::error_handler_t::replace);
  if (text.size() > kMaxShownBytes) {
    std::size_t end = kMaxShownBytes;
    while (ContinuesCharacter(text[end])) --end;
    text.replace(end, std::string::npos, "...");
  }
  return Printable(text);
}

const Json* Member(const Json& object, const std::string& name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : &*member;
}

const Json* Element(const Json& list, std::size_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

void Compare(const Json* expected, const Json* actual, const std::string& path,
             std::vector<std::string>& differences) {
  if (expected != nullptr && actual != nullptr) {
    if (expected->is_object() && actual->is_object()) {
      for (const auto& [name, value] : expected->items()) {
        Compare(&value, Member(*actual, name), absl::StrCat(path, ".", name),
                differences);
      }
      for (const auto& [name, value] : actual->items()) {
        if (expected->contains(name)) continue;
        Compare(nullptr, &value, absl::StrCat(path, ".", name), differences);
      }
      return;
    }
    if (expected->is_array() && actual->is_array()) {
      for (std::size_t i = 0; i < std::max(expected->size(), actual->size());
           ++i) {
        Compare(Element(*expected, i), Element(*actual, i),
                absl::StrCat(path, "[", i, "]"), differences);
      }
      return;
    }
    if (*expected == *actual) return;
  }
  differences.push_back(absl::StrCat(Printable(path), ": expected ",
                                     Shown(expected), ", got ", Shown(actual)));
}

}  // namespace

std::vector<std::string> Differences(const Json& expected, const Json& actual,
                                     const std::string& path) {
  std::vector<std::string> differences;
  Compare(&expected, &actual, path, differences);
  return differences;
}

}  // namespace signal_delivery::cli
