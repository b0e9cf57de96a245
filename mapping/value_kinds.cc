#include "mapping/value_kinds.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

std::string DescriptionOf(ValueKinds kinds) {
  static constexpr std::pair<ValueKinds, absl::string_view> kNames[] = {
      {kText, "a text"}, {kNumber, "a number"}, {kBoolean, "a boolean"},
      {kTime, "a time"}, {kList, "a list"},     {kObject, "an object"},
  };
  std::vector<absl::string_view> names;
  for (const auto& [kind, name] : kNames) {
    if (kinds & kind) names.push_back(name);
  }
  if (names.size() == 1) return std::string(names.front());
  const absl::string_view last = names.back();
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " or ", last);
}

}  // namespace signal_delivery::mapping
