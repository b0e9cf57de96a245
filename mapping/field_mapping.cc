#include "mapping/field_mapping.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

constexpr ConfigKey kKeys[] = {
    {"target",
     "Where the value goes: a path into the mParticle batch. Required."},
    {"source",
     "Where it comes from: a path into the Signal event, or a list of paths, "
     "of "
     "which the first that has a value is taken."},
    {"value", "A fixed value, instead of a source."},
    {"transform",
     "What to do with the value: a transform, or a list of them, which run one "
     "after the other. A transform's argument stands behind its name: "
     "`{truncate: 40}`."},
    {"format",
     "The argument of `transform: date_format`, as Signal writes it."},
    {"value_map",
     "What to write instead of the value (after the transforms), by the value "
     "as text. `'*'` stands for every value that is not named; without it "
     "those "
     "stay as they are. `null` means that there is no value."},
    {"default",
     "What to write where there is no value, as it stands: no transform is "
     "applied to it. It does not take the place of a value that breaks a "
     "rule."},
    {"each",
     "For a target that is a list of objects: the mappings of one element. "
     "Sources are paths into the element of the source's list, targets paths "
     "into the element of the target's. It replaces an inherited one as a "
     "whole, `id` and `name` of a product included: write all that the "
     "elements are to have, and start from what `signalctl explain-config` "
     "prints. What no mapping takes of a product becomes its "
     "`custom_attributes` by itself."},
    {"remove",
     "`true` takes the inherited mapping to this target away. Under an event "
     "this may be a global one, which then does not apply to that event."},
};

// Keys that change a value on its way, which an `each`, a `value` and a
// `remove` do not have.
constexpr absl::string_view kValueKeys[] = {"transform", "format", "value_map",
                                            "default"};

// How deep an `each` may stand in others. mParticle's lists go two deep; and a
// YAML alias to itself must end somewhere.
constexpr int kMaxDepth = 4;

absl::StatusOr<std::vector<FieldMapping>> ReadList(const ConfigNode& list,
                                                   int depth);

absl::StatusOr<std::vector<std::string>> ReadSources(const ConfigNode& node) {
  std::vector<std::string> sources;
  if (node.IsList()) {
    ASSIGN_OR_RETURN(std::vector<ConfigNode> items, node.Items());
    for (const ConfigNode& item : items) {
      ASSIGN_OR_RETURN(sources.emplace_back(), item.AsString());
    }
    if (sources.empty()) return node.Error("the list of sources is empty");
  } else {
    ASSIGN_OR_RETURN(sources.emplace_back(), node.AsString());
  }
  return sources;
}

// `NAME` or `{NAME: ARGUMENT}`.
absl::StatusOr<TransformStep> ReadTransformStep(const ConfigNode& node) {
  TransformStep step{node, "", std::nullopt, node};
  if (!node.IsMap()) {
    ASSIGN_OR_RETURN(step.name, node.AsString());
    return step;
  }
  ASSIGN_OR_RETURN(auto entries, node.Entries());
  if (entries.size() != 1) {
    return node.Error(
        "expected one transform and its argument, such as {truncate: 40}; "
        "write several as a list");
  }
  step.name = entries.front().first;
  step.argument_origin = entries.front().second;
  ASSIGN_OR_RETURN(step.argument, step.argument_origin.AsScalar());
  return step;
}

absl::StatusOr<std::vector<TransformStep>> ReadTransform(
    const ConfigNode& node) {
  std::vector<TransformStep> steps;
  if (node.IsList()) {
    ASSIGN_OR_RETURN(std::vector<ConfigNode> items, node.Items());
    for (const ConfigNode& item : items) {
      ASSIGN_OR_RETURN(TransformStep step, ReadTransformStep(item));
      steps.push_back(std::move(step));
    }
    return steps;
  }
  ASSIGN_OR_RETURN(TransformStep step, ReadTransformStep(node));
  steps.push_back(std::move(step));
  return steps;
}

// Signal writes date_format's argument beside it.
absl::Status AddFormat(const ConfigNode& format, FieldMapping& mapping) {
  if (mapping.transform.size() != 1 || mapping.transform[0].argument) {
    return format.Error(
        "belongs to one transform without an argument; write transform: "
        "date_format beside it");
  }
  mapping.transform[0].argument_origin = format;
  ASSIGN_OR_RETURN(mapping.transform[0].argument, format.AsScalar());
  return absl::OkStatus();
}

absl::Status ReadValueMap(const ConfigNode& node, FieldMapping& mapping) {
  ASSIGN_OR_RETURN(auto entries, node.Entries());
  if (entries.empty()) return node.Error("has no values");
  for (const auto& [from, to] : entries) {
    std::optional<Scalar> value;
    if (!to.IsNull()) {
      ASSIGN_OR_RETURN(value, to.AsScalar());
    }
    mapping.value_map.emplace_back(from, std::move(value));
  }
  return absl::OkStatus();
}

absl::Status ReadFromSource(const ConfigNode& node, const ConfigNode& source,
                            int depth, FieldMapping& mapping) {
  ASSIGN_OR_RETURN(mapping.sources, ReadSources(source));
  if (std::optional<ConfigNode> each = node.Find("each")) {
    for (const absl::string_view key : kValueKeys) {
      if (std::optional<ConfigNode> other = node.Find(key)) {
        return other->Error(
            "does nothing beside \"each\"; put it into the mappings there");
      }
    }
    ASSIGN_OR_RETURN(mapping.each, ReadList(*each, depth + 1));
    if (mapping.each.empty()) return each->Error("has no mappings");
  }
  if (std::optional<ConfigNode> transform = node.Find("transform")) {
    ASSIGN_OR_RETURN(mapping.transform, ReadTransform(*transform));
  }
  if (std::optional<ConfigNode> format = node.Find("format")) {
    RETURN_IF_ERROR(AddFormat(*format, mapping));
  }
  if (std::optional<ConfigNode> value_map = node.Find("value_map")) {
    RETURN_IF_ERROR(ReadValueMap(*value_map, mapping));
  }
  if (std::optional<ConfigNode> absent = node.Find("default")) {
    ASSIGN_OR_RETURN(mapping.default_value, absent->AsScalar());
  }
  return absl::OkStatus();
}

// `remove: true`, and nothing beside it but the target.
absl::StatusOr<bool> ReadRemove(const ConfigNode& node, int depth) {
  const std::optional<ConfigNode> remove = node.Find("remove");
  if (!remove.has_value()) return false;
  ASSIGN_OR_RETURN(const bool is_true, remove->AsBool());
  if (!is_true) return remove->Error("may only be true; leave it out");
  if (depth > 0) {
    return remove->Error(
        "an \"each\" is replaced as a whole; write the mappings that stay");
  }
  for (const ConfigKey& key : kKeys) {
    if (key.name == "target" || key.name == "remove") continue;
    if (std::optional<ConfigNode> other = node.Find(key.name)) {
      return other->Error("does nothing beside \"remove\"; leave out either");
    }
  }
  return true;
}

absl::StatusOr<FieldMapping> ReadFieldMapping(const ConfigNode& node,
                                              int depth) {
  RETURN_IF_ERROR(node.ExpectKeys(kKeys));
  FieldMapping mapping{.origin = node};
  ASSIGN_OR_RETURN(ConfigNode target, node.Require("target"));
  ASSIGN_OR_RETURN(mapping.target, target.AsString());
  ASSIGN_OR_RETURN(mapping.remove, ReadRemove(node, depth));
  if (mapping.remove) return mapping;

  const std::optional<ConfigNode> source = node.Find("source");
  const std::optional<ConfigNode> value = node.Find("value");
  if (source.has_value() == value.has_value()) {
    return node.Error("a mapping needs either a \"source\" or a \"value\"");
  }
  if (source.has_value()) {
    RETURN_IF_ERROR(ReadFromSource(node, *source, depth, mapping));
    return mapping;
  }
  ASSIGN_OR_RETURN(mapping.value, value->AsScalar());
  if (std::optional<ConfigNode> each = node.Find("each")) {
    return each->Error("needs a \"source\"");
  }
  for (const absl::string_view key : kValueKeys) {
    if (std::optional<ConfigNode> other = node.Find(key)) {
      return other->Error(
          "needs a \"source\"; a \"value\" is written as it is");
    }
  }
  return mapping;
}

absl::StatusOr<std::vector<FieldMapping>> ReadList(const ConfigNode& list,
                                                   int depth) {
  if (depth > kMaxDepth) {
    return list.Error(
        absl::StrCat("stands in more than ", kMaxDepth,
                     " others; mParticle's lists go no deeper than 2"));
  }
  std::vector<FieldMapping> mappings;
  ASSIGN_OR_RETURN(std::vector<ConfigNode> items, list.Items());
  for (const ConfigNode& item : items) {
    ASSIGN_OR_RETURN(FieldMapping mapping, ReadFieldMapping(item, depth));
    for (const FieldMapping& earlier : mappings) {
      if (earlier.target == mapping.target) {
        return item.Error(absl::StrCat("a second mapping to \"", mapping.target,
                                       "\"; the first is at ",
                                       earlier.origin.Location()));
      }
    }
    mappings.push_back(std::move(mapping));
  }
  return mappings;
}

}  // namespace

absl::Span<const ConfigKey> FieldMappingKeys() { return kKeys; }

absl::StatusOr<std::vector<FieldMapping>> ReadFieldMappings(
    const ConfigNode& list) {
  return ReadList(list, /*depth=*/0);
}

}  // namespace signal_delivery::mapping
