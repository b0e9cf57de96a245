#include "mapping/dropped_properties.h"

#include <algorithm>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {
namespace {

using Steps = absl::Span<const MemberName>;

bool IsNumber(absl::string_view step) {
  return std::all_of(step.begin(), step.end(),
                     [](char c) { return absl::ascii_isdigit(c); });
}

// Calls `visit` with the path and the node of all that `steps` lead to.
template <typename Visit>
void Walk(const ObjectView& object, const std::string& path, Steps steps,
          const Visit& visit);

template <typename Visit>
void WalkInto(const Value& value, const std::string& path, Steps steps,
              const Visit& visit) {
  if (const auto* object = std::get_if<ObjectView>(&value)) {
    return Walk(*object, path, steps, visit);
  }
  const auto* list = std::get_if<ListView>(&value);
  if (list == nullptr) return;
  int index = 0;
  for (const Node& element : list->elements()) {
    WalkInto(ValueOf(element), absl::StrCat(path, "[", index++, "]"), steps,
             visit);
  }
}

template <typename Visit>
void Walk(const ObjectView& object, const std::string& path, Steps steps,
          const Visit& visit) {
  const Node* const found = object.Find(steps.front());
  if (found == nullptr) return;
  const std::string below = absl::StrCat(path, ".", steps.front().text());
  if (steps.size() == 1) return visit(below, found);
  WalkInto(ValueOf(*found), below, steps.subspan(1), visit);
}

template <typename Visit>
void VisitAll(const std::vector<std::vector<MemberName>>& paths,
              const ObjectView& properties, const Visit& visit) {
  for (const std::vector<MemberName>& path : paths) {
    Walk(properties, "properties", path, visit);
  }
}

}  // namespace

absl::StatusOr<DroppedProperties> DroppedProperties::Compile(
    const std::vector<MappingConfig::DroppedProperty>& paths) {
  DroppedProperties properties;
  for (const MappingConfig::DroppedProperty& dropped : paths) {
    std::vector<std::string> steps = absl::StrSplit(dropped.path, '.');
    for (const std::string& step : steps) {
      if (step.empty()) {
        return dropped.origin.Error(
            absl::StrCat("\"", dropped.path, "\" has an empty step"));
      }
      if (!IsNumber(step)) continue;
      std::vector<std::string> others;
      for (const std::string& other : steps) {
        if (!IsNumber(other)) others.push_back(other);
      }
      return dropped.origin.Error(absl::StrCat(
          "\"", dropped.path, "\" has a number for a key; of a list, all ",
          "elements are meant: write \"", absl::StrJoin(others, "."), "\""));
    }
    properties.paths_.emplace_back(steps.begin(), steps.end());
  }
  return properties;
}

void DroppedProperties::Take(const ObjectView& properties,
                             TakenNodes& taken) const {
  VisitAll(
      paths_, properties,
      [&](const std::string& /*path*/, const Node* node) { taken.Add(node); });
}

void DroppedProperties::Note(const ObjectView& properties,
                             const TakenNodes& taken,
                             Findings& findings) const {
  VisitAll(paths_, properties, [&](const std::string& path, const Node* node) {
    if (taken.Count(node) > 1) return;
    findings.origins->push_back(
        {path, "", "drop_properties", "dropped", /*left_out=*/true});
  });
}

}  // namespace signal_delivery::mapping
