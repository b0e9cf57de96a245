#include "tools/sandbox/strict_json.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {

using Json = nlohmann::json;

absl::StatusOr<Json> ParseStrictJson(absl::string_view text) {
  std::vector<absl::flat_hash_set<std::string>> open_objects;  // their keys
  bool too_deep = false;
  bool repeated_key = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    too_deep = too_deep || depth > kMaxJsonDepth;
    if (event == Json::parse_event_t::object_start) {
      open_objects.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open_objects.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const bool is_new =
          open_objects.back().insert(parsed.get<std::string>()).second;
      repeated_key = repeated_key || !is_new;
    }
    return !too_deep;  // false drops the value, so that no deep one is built
  };

  // The library's own messages quote the text, which may be personal data.
  try {
    Json document = Json::parse(text.begin(), text.end(), watch);
    if (too_deep) {
      return absl::InvalidArgumentError(
          absl::StrCat("JSON nested deeper than ", kMaxJsonDepth));
    }
    if (repeated_key) {
      return absl::InvalidArgumentError("a key appears twice in a JSON object");
    }
    return document;
  } catch (const Json::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("not valid JSON at byte ", error.byte));
  } catch (const Json::exception&) {
    return absl::InvalidArgumentError("a JSON number is out of range");
  }
}

}  // namespace signal_delivery::sandbox
