#include "mapping/value_pipeline.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "mapping/field_value.h"
#include "mapping/status_macros.h"
#include "mapping/value_rules.h"

namespace signal_delivery::mapping {
namespace {

constexpr absl::string_view kEveryOtherValue = "*";

// What to add at the end of the transforms for a target that takes `kinds`.
std::string Remedy(ValueKinds given, ValueKinds wanted) {
  if (given == kTime) return "add transform: date_format";
  if (given == kList) return "add the transform {join: \", \"}";
  if (given == kObject) return "name a key in it";
  if (given == kBoolean && !(wanted & kText)) {
    return "add a value_map for 'true' and 'false'";
  }
  if (wanted & kText) return "add the transform string";
  if (wanted & kNumber) return "add the transform number";
  return "add the transform boolean";
}

Value ReplacementOf(const std::optional<Scalar>& scalar) {
  return scalar.has_value() ? FromScalar(*scalar) : Value();
}

}  // namespace

Value FromScalar(const Scalar& scalar) {
  return std::visit([](const auto& value) { return Value(value); }, scalar);
}

absl::StatusOr<ValuePipeline> ValuePipeline::Compile(
    const FieldMapping& mapping, ValueKinds kinds, const TargetPath& target) {
  ValuePipeline pipeline;
  std::vector<absl::string_view> steps;
  std::string giver =
      absl::StrCat("\"", absl::StrJoin(mapping.sources, "\", \""), "\"");
  for (const TransformStep& step : mapping.transform) {
    ASSIGN_OR_RETURN(Transform transform, Transform::Create(step));
    if ((kinds & transform.takes()) == 0) {
      return step.origin.Error(absl::StrCat(
          "\"", step.name, "\" takes ", DescriptionOf(transform.takes()),
          ", but ", giver, " gives ", DescriptionOf(kinds)));
    }
    kinds = transform.gives();
    giver = absl::StrCat("\"", step.name, "\"");
    if (step.name == "sha256" &&
        target.rules().format == TextFormat::TEXT_FORMAT_EMAIL) {
      return step.origin.Error(
          absl::StrCat("\"", mapping.target,
                       "\" takes the address, which mParticle hashes itself; "
                       "map the hash to a user attribute"));
    }
    steps.push_back(step.name);
    pipeline.gives_millis_ = transform.GivesMillis();
    pipeline.transforms_.push_back(std::move(transform));
  }
  const ValueKinds wanted = KindsTakenBy(target.leaf());
  const ValueKinds given = kinds;
  for (const auto& [from, to] : mapping.value_map) {
    if (given == kBoolean && from != "true" && from != "false" &&
        from != kEveryOtherValue) {
      return mapping.origin.Error(
          absl::StrCat("value_map for \"", from, "\": ", giver,
                       " gives a boolean, whose texts are 'true' and 'false'"));
    }
    if (to.has_value()) {
      DraftMemory memory;
      const FieldValue fitted =
          FitToField(target.leaf(), target.rules(), FromScalar(*to), memory);
      if (fitted.fit == FieldValue::Fit::kUnfit) {
        return mapping.origin.Error(absl::StrCat("value_map for \"", from,
                                                 "\": \"", mapping.target,
                                                 "\" ", fitted.note));
      }
      kinds |= wanted;
    }
    if (from == kEveryOtherValue) {
      pipeline.other_values_ = to;
    } else {
      pipeline.value_map_.emplace_back(from, to);
    }
  }
  if (!mapping.value_map.empty()) steps.push_back("value_map");
  // A sender's number may come as text, and an identifier as a number: those
  // are mended as they come. What a step gives for certain must fit.
  const bool is_text_of_sender = mapping.transform.empty() && kinds == kText;
  if ((kinds & wanted) == 0 && !is_text_of_sender) {
    return mapping.origin.Error(absl::StrCat(
        "\"", mapping.target, "\" takes ", DescriptionOf(wanted), ", but ",
        giver, " gives ", DescriptionOf(kinds), "; ", Remedy(kinds, wanted)));
  }
  if (!steps.empty()) pipeline.description_ = absl::StrJoin(steps, ", ");
  return pipeline;
}

absl::StatusOr<Value> ValuePipeline::Apply(Value value,
                                           DraftMemory& memory) const {
  for (const Transform& transform : transforms_) {
    ASSIGN_OR_RETURN(value, transform.Apply(value, memory));
    if (std::holds_alternative<std::monostate>(value)) return value;
  }
  if (value_map_.empty() && !other_values_.has_value()) return value;
  const std::optional<absl::string_view> text = TextOf(value, memory);
  for (const auto& [from, to] : value_map_) {
    if (text == from) return ReplacementOf(to);
  }
  return other_values_.has_value() ? ReplacementOf(*other_values_) : value;
}

}  // namespace signal_delivery::mapping
