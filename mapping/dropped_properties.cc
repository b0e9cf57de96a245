#include "mapping/dropped_properties.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Struct;
using Node = ::google::protobuf::Value;
using Steps = absl::Span<const std::string>;

bool IsNumber(absl::string_view step) {
  return std::all_of(step.begin(), step.end(),
                     [](char c) { return absl::ascii_isdigit(c); });
}

// Calls `visit` with the path and the node of all that `steps` lead to.
template <typename Visit>
void Walk(const Struct& object, const std::string& path, Steps steps,
          const Visit& visit);

template <typename Visit>
void WalkInto(const Node& node, const std::string& path, Steps steps,
              const Visit& visit) {
  if (node.has_struct_value()) {
    return Walk(node.struct_value(), path, steps, visit);
  }
  for (int i = 0; i < node.list_value().values_size(); ++i) {
    WalkInto(node.list_value().values(i), absl::StrCat(path, "[", i, "]"),
             steps, visit);
  }
}

template <typename Visit>
void Walk(const Struct& object, const std::string& path, Steps steps,
          const Visit& visit) {
  const auto found = object.fields().find(steps.front());
  if (found == object.fields().end()) return;
  const std::string below = absl::StrCat(path, ".", steps.front());
  if (steps.size() == 1) return visit(below, &found->second);
  WalkInto(found->second, below, steps.subspan(1), visit);
}

template <typename Visit>
void VisitAll(const std::vector<std::vector<std::string>>& paths,
              const Event& event, const Visit& visit) {
  if (!event.has_properties()) return;
  for (const std::vector<std::string>& path : paths) {
    Walk(event.properties(), "properties", path, visit);
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
    properties.paths_.push_back(std::move(steps));
  }
  return properties;
}

void DroppedProperties::Take(const Event& event, TakenNodes& taken) const {
  VisitAll(paths_, event, [&](const std::string& /*path*/, const Node* node) {
    taken.push_back(node);
  });
}

void DroppedProperties::Note(const Event& event, const TakenNodes& taken,
                             Findings& findings) const {
  VisitAll(paths_, event, [&](const std::string& path, const Node* node) {
    if (std::count(taken.begin(), taken.end(), node) > 1) return;
    findings.origins->push_back(
        {path, "", "drop_properties", "dropped", /*left_out=*/true});
  });
}

}  // namespace signal_delivery::mapping
