#include "mapping/field_mapper.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/batch_schema.h"
#include "mapping/draft_memory.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

std::string WithoutFolders(const std::string& location) {
  return location.substr(location.rfind('/') + 1);
}

bool IsEmptyList(const Value& value) {
  const auto* list = std::get_if<ListView>(&value);
  return list != nullptr && list->size() == 0;
}

}  // namespace

absl::StatusOr<FieldMapper> FieldMapper::Compile(
    const FieldMapping& mapping, const google::protobuf::Descriptor& root,
    absl::string_view root_prefix) {
  return CompileAt(mapping, root, root_prefix, /*in_element=*/false);
}

absl::StatusOr<FieldMapper> FieldMapper::CompileAt(
    const FieldMapping& mapping, const google::protobuf::Descriptor& root,
    absl::string_view root_prefix, bool in_element) {
  absl::StatusOr<TargetPath> target =
      TargetPath::Parse(root, root_prefix, mapping.target);
  if (!target.ok()) return mapping.origin.Error(target.status().message());
  FieldMapper mapper(*std::move(target));
  mapper.target_text_ = mapping.target;
  mapper.location_ = WithoutFolders(mapping.origin.Location());

  ValueKinds kinds = 0;
  for (const std::string& path : mapping.sources) {
    absl::StatusOr<SourcePath> source = in_element
                                            ? SourcePath::IntoElement(path)
                                            : SourcePath::IntoEvent(path);
    if (!source.ok()) return mapping.origin.Error(source.status().message());
    kinds |= source->kinds();
    mapper.sources_.push_back(*std::move(source));
  }
  if (mapper.target_.IsListOfObjects() || !mapping.each.empty()) {
    RETURN_IF_ERROR(mapper.CompileElements(mapping));
    return mapper;
  }
  if (mapping.value.has_value()) {
    ASSIGN_OR_RETURN(mapper.fixed_,
                     mapper.Fit(*mapping.value, "value", mapping));
    return mapper;
  }
  ASSIGN_OR_RETURN(mapper.pipeline_,
                   ValuePipeline::Compile(mapping, kinds, mapper.target_));
  // Of a time that it made itself the service knows the unit.
  if (mapper.pipeline_.gives_millis()) mapper.rules_.is_time = false;
  if (mapping.default_value.has_value()) {
    ASSIGN_OR_RETURN(mapper.default_,
                     mapper.Fit(*mapping.default_value, "default", mapping));
  }
  return mapper;
}

absl::StatusOr<FieldMapper::ConfiguredValue> FieldMapper::Fit(
    const Scalar& scalar, absl::string_view key,
    const FieldMapping& mapping) const {
  DraftMemory memory;
  const FieldValue fitted =
      FitToField(target_.leaf(), target_.rules(), FromScalar(scalar), memory);
  if (fitted.fit == FieldValue::Fit::kUnfit) {
    return mapping.origin.Error(
        absl::StrCat(key, " for \"", mapping.target, "\": ", fitted.note));
  }
  if (fitted.rule == Rule::kTextLength) {
    return mapping.origin.Error(
        absl::StrCat(key, " for \"", mapping.target, "\" has more than ",
                     target_.rules().max_length,
                     " characters, the most that mParticle takes"));
  }
  ConfiguredValue configured{nullptr, fitted.value};
  if (const auto* text = std::get_if<absl::string_view>(&fitted.value)) {
    configured.text = std::make_shared<const std::string>(*text);
    configured.value = absl::string_view(*configured.text);
  }
  return configured;
}

absl::Status FieldMapper::CompileElements(const FieldMapping& mapping) {
  if (target_.IsListOfObjects() == mapping.each.empty()) {
    return mapping.origin.Error(absl::StrCat(
        "\"", mapping.target, "\" is ",
        mapping.each.empty() ? "a list of objects; say with \"each\" how each "
                               "one is mapped"
                             : "not a list; remove \"each\""));
  }
  for (const FieldMapping& element : mapping.each) {
    ASSIGN_OR_RETURN(FieldMapper compiled,
                     CompileAt(element, *target_.leaf().message_type(), "",
                               /*in_element=*/true));
    each_.push_back(std::move(compiled));
  }
  const google::protobuf::Descriptor& type = *target_.leaf().message_type();
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string& field = type.field(i)->name();
    const bool is_mapped = std::any_of(
        each_.begin(), each_.end(),
        [&](const FieldMapper& mapper) { return mapper.target() == field; });
    if (IsRequired(*type.field(i)) && !is_mapped) {
      return mapping.origin.Error(absl::StrCat(
          "mParticle requires \"", field, "\" in each; add a mapping to it"));
    }
  }
  element_leftovers_.emplace(type);
  return absl::OkStatus();
}

void FieldMapper::Map(const EventView& view, Draft& root, TakenNodes& taken,
                      Findings& findings) const {
  MapAt(view, nullptr, root, taken, findings);
}

bool FieldMapper::IsTraitTakenAway(const EventView& view) const {
  if (default_.has_value()) return false;
  bool is_null = false;
  for (const SourcePath& source : sources_) {
    const SourcePath::Found found = source.Read(view);
    if (!IsEmpty(found.value)) return false;
    is_null = is_null || (source.IsTrait() && found.node != nullptr &&
                          found.node->IsNull());
  }
  return is_null;
}

bool FieldMapper::ReadsOnlyUser() const {
  return each_.empty() && std::all_of(sources_.begin(), sources_.end(),
                                      [](const SourcePath& source) {
                                        return source.IsOfUser();
                                      });
}

bool FieldMapper::MapsObjectsOfTraits() const {
  return !each_.empty() &&
         std::any_of(sources_.begin(), sources_.end(),
                     [](const SourcePath& source) { return source.IsTrait(); });
}

void FieldMapper::MapAt(const EventView& view, const Place* place, Draft& root,
                        TakenNodes& taken, Findings& findings) const {
  if (fixed_.has_value()) {
    NoteOrigin(place, "", "a fixed value", findings);
    return target_.Set(root, fixed_->value);
  }
  // What the first list in vain was about, should no other source do better.
  std::optional<std::vector<Finding>> in_vain;
  for (const SourcePath& source : sources_) {
    const SourcePath::Found found = source.Read(view);
    const size_t taken_before = taken.size();
    if (found.node != nullptr) taken.Add(found.node);
    if (IsEmpty(found.value)) {
      NoteNothing(place, source, found, findings);
      continue;
    }
    if (each_.empty()) {
      if (MapValue(source, found.value, place, root, findings)) return;
      continue;
    }
    if (IsEmptyList(found.value)) {
      NoteLeftOut(place, source, "an empty list", findings);
      continue;
    }
    std::vector<Finding>& warnings = findings.warnings;
    const size_t warnings_before = warnings.size();
    if (MapElements(view, place, source, found, root, taken, findings)) return;
    if (in_vain.has_value()) {
      taken.Truncate(taken_before);
    } else {
      in_vain.emplace(warnings.begin() + warnings_before, warnings.end());
    }
    warnings.erase(warnings.begin() + warnings_before, warnings.end());
  }
  if (in_vain.has_value()) {
    std::move(in_vain->begin(), in_vain->end(),
              std::back_inserter(findings.warnings));
  }
  if (default_.has_value()) {
    NoteOrigin(place, "", "the default", findings);
    target_.Set(root, default_->value);
  }
}

bool FieldMapper::MapValue(const SourcePath& source, const Value& value,
                           const Place* place, Draft& root,
                           Findings& findings) const {
  if (pipeline_.IsNothing()) {
    WriteValue(source, value, place, root, findings);
    return true;
  }
  const absl::StatusOr<Value> made = pipeline_.Apply(value, root.memory());
  if (!made.ok()) {
    Warn(Rule::kTransform, place, source.text(), target_text_,
         absl::StrCat(made.status().message(), "; left out"), findings);
    return true;
  }
  if (IsEmpty(*made)) {
    NoteLeftOut(place, source, pipeline_.description(), findings);
    return false;
  }
  WriteValue(source, *made, place, root, findings);
  return true;
}

void FieldMapper::WriteValue(const SourcePath& source, const Value& value,
                             const Place* place, Draft& root,
                             Findings& findings) const {
  if (const auto as_it_is = AsItIs(rules_, value)) {
    NoteOrigin(place, source.text(), pipeline_.description(), findings);
    return target_.Set(root, *as_it_is);
  }
  const FieldValue fitted =
      FitToField(target_.leaf(), rules_, value, root.memory());
  if (fitted.fit == FieldValue::Fit::kUnfit) {
    return Warn(fitted.rule, place, source.text(), target_text_,
                absl::StrCat(fitted.note, "; left out"), findings);
  }
  if (fitted.fit == FieldValue::Fit::kConverted) {
    Warn(fitted.rule, place, source.text(), target_text_, fitted.note,
         findings);
  }
  NoteOrigin(place, source.text(), pipeline_.description(), findings);
  target_.Set(root, fitted);
}

bool FieldMapper::MapElements(const EventView& view, const Place* place,
                              const SourcePath& source,
                              const SourcePath::Found& found, Draft& root,
                              TakenNodes& taken, Findings& findings) const {
  EventView element_view = view;
  Place element{place, source.text(), target_text_, -1, 0};
  if (const auto* object = std::get_if<ObjectView>(&found.value)) {
    element_view.element = *object;
    return MapElement(element_view, element, root, taken, findings);
  }
  const auto* list = std::get_if<ListView>(&found.value);
  if (list == nullptr) {
    Warn(Rule::kListElement, place, source.text(), target_text_,
         absl::StrCat("expected a list of objects, found ", KindOf(found.value),
                      "; left out"),
         findings);
    return false;
  }
  // What is left out has no index in the batch: there another stands.
  const auto leave_out = [&](std::string reason) {
    const Place left_out{place, source.text(), target_text_,
                         element.source_index};
    Warn(Rule::kListElement, &left_out, "", "",
         absl::StrCat(reason, "; left out"), findings);
  };
  for (const Node& node : list->elements()) {
    ++element.source_index;
    const Value value = ValueOf(node);
    const auto* object = std::get_if<ObjectView>(&value);
    if (object == nullptr) {
      leave_out(absl::StrCat("expected an object, found ", KindOf(value)));
      continue;
    }
    element_view.element = *object;
    if (MapElement(element_view, element, root, taken, findings)) {
      ++element.target_index;
    } else {
      leave_out("says nothing that can be mapped");
    }
  }
  return element.target_index > 0;
}

bool FieldMapper::MapElement(const EventView& view, const Place& place,
                             Draft& root, TakenNodes& taken,
                             Findings& findings) const {
  std::vector<Finding>& warnings = findings.warnings;
  const size_t warnings_before = warnings.size();
  const size_t origins_before =
      findings.origins == nullptr ? 0 : findings.origins->size();
  Draft& holder = target_.ListHolder(root);
  Draft element = holder.Another();
  for (const FieldMapper& mapper : each_) {
    mapper.MapAt(view, &place, element, taken, findings);
  }
  // An object that stands for itself is an element only if a mapping says so.
  if (place.source_index < 0 && element.IsEmpty()) return false;
  // What is left over of `properties` itself belongs to the event.
  if (!(view.element == view.event->properties)) {
    element_leftovers_->Write(view.element, taken, place, element, findings);
  }
  if (!element.IsEmpty()) {
    holder.AddMessage(target_.leaf().number(), element);
    return true;
  }
  // It goes as a whole: what is wrong with its parts is of no interest.
  warnings.erase(warnings.begin() + warnings_before, warnings.end());
  if (findings.origins != nullptr) findings.origins->resize(origins_before);
  return false;
}

void FieldMapper::AddOrigin(const Place* place, absl::string_view source,
                            absl::string_view what,
                            std::vector<FieldOrigin>& origins) const {
  origins.push_back({source.empty() ? "" : SignalPath(place, source),
                     MparticlePath(place, target_text_), location_,
                     std::string(what)});
}

void FieldMapper::NoteLeftOut(const Place* place, const SourcePath& source,
                              absl::string_view what,
                              Findings& findings) const {
  if (findings.origins == nullptr) return;
  findings.origins->push_back({SignalPath(place, source.text()),
                               MparticlePath(place, target_text_), location_,
                               std::string(what), /*left_out=*/true});
}

void FieldMapper::NoteNothing(const Place* place, const SourcePath& source,
                              const SourcePath::Found& found,
                              Findings& findings) const {
  if (findings.origins == nullptr) return;
  if (IsText(found.value)) {
    NoteLeftOut(place, source, "an empty text", findings);
  } else if (found.node != nullptr) {
    NoteLeftOut(place, source, "null", findings);
  }
}

}  // namespace signal_delivery::mapping
