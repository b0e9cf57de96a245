#include "mapping/findings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {
namespace {

std::string Join(std::string prefix, absl::string_view piece, int index) {
  if (!prefix.empty() && !piece.empty()) prefix += '.';
  absl::StrAppend(&prefix, piece);
  if (index >= 0) absl::StrAppend(&prefix, "[", index, "]");
  return prefix;
}

}  // namespace

std::string SignalPath(const Place* place, absl::string_view field) {
  if (place == nullptr) return std::string(field);
  return Join(
      Join(SignalPath(place->parent, ""), place->source, place->source_index),
      field, -1);
}

std::string MparticlePath(const Place* place, absl::string_view field) {
  if (place == nullptr) return std::string(field);
  return Join(Join(MparticlePath(place->parent, ""), place->target,
                   place->target_index),
              field, -1);
}

void Warn(Rule rule, const Place* place, absl::string_view source,
          absl::string_view target, std::string description,
          Findings& findings) {
  findings.warnings.push_back({rule, SignalPath(place, source),
                               MparticlePath(place, target),
                               std::move(description)});
}

}  // namespace signal_delivery::mapping
