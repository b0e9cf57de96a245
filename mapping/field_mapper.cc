#include "mapping/field_mapper.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/leftovers.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::ListValue;
using ::google::protobuf::Message;
using ::google::protobuf::Struct;

absl::StatusOr<FieldValue> FitFixedValue(const FieldMapping& mapping,
                                         const TargetPath& target) {
  const Value value = std::visit([](const auto& fixed) { return Value(fixed); },
                                 *mapping.value);
  FieldValue fitted = FitToField(target.leaf(), target.format(), value);
  if (fitted.fit == FieldValue::Fit::kUnfit) {
    return mapping.origin.Error(
        absl::StrCat("value for \"", mapping.target, "\": ", fitted.note));
  }
  // The plan outlives `value`.
  if (const auto* text = std::get_if<absl::string_view>(&fitted.value)) {
    fitted.value = std::string(*text);
  }
  return fitted;
}

bool IsEmptyList(const Value& value) {
  const auto* list = std::get_if<const ListValue*>(&value);
  return list != nullptr && (*list)->values().empty();
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
  absl::StatusOr<Transform> transform =
      Transform::Create(mapping.transform, mapping.format);
  if (!transform.ok()) {
    return mapping.origin.Error(transform.status().message());
  }
  FieldMapper mapper(*std::move(target), *transform);
  mapper.target_text_ = mapping.target;

  for (const std::string& path : mapping.sources) {
    absl::StatusOr<SourcePath> source = in_element
                                            ? SourcePath::IntoElement(path)
                                            : SourcePath::IntoEvent(path);
    if (!source.ok()) return mapping.origin.Error(source.status().message());
    mapper.sources_.push_back(*std::move(source));
  }

  if (mapper.target_.IsListOfObjects() == mapping.each.empty()) {
    return mapping.origin.Error(absl::StrCat(
        "\"", mapping.target, "\" is ",
        mapping.each.empty() ? "a list of objects; say with \"each\" how each "
                               "one is mapped"
                             : "not a list; remove \"each\""));
  }
  for (const FieldMapping& element : mapping.each) {
    ASSIGN_OR_RETURN(FieldMapper compiled,
                     CompileAt(element, *mapper.target_.leaf().message_type(),
                               "", /*in_element=*/true));
    mapper.each_.push_back(std::move(compiled));
  }
  if (mapping.value.has_value()) {
    if (!mapping.each.empty()) return mapping.origin.Error("needs a source");
    ASSIGN_OR_RETURN(mapper.fixed_, FitFixedValue(mapping, mapper.target_));
  }
  return mapper;
}

void FieldMapper::Map(const EventView& view, Message& root, TakenNodes& taken,
                      Findings& findings) const {
  MapAt(view, nullptr, root, taken, findings);
}

void FieldMapper::MapAt(const EventView& view, const Place* place,
                        Message& root, TakenNodes& taken,
                        Findings& findings) const {
  if (fixed_.has_value()) return target_.Set(root, *fixed_);

  for (const SourcePath& source : sources_) {
    SourcePath::Found found = source.Read(view);
    if (found.node != nullptr) taken.push_back(found.node);
    if (IsEmpty(found.value)) continue;
    if (!each_.empty()) {
      if (IsEmptyList(found.value)) continue;
      return MapElements(view, place, source, found, root, taken, findings);
    }
    const absl::StatusOr<Value> value =
        transform_.Apply(std::move(found.value));
    if (!value.ok()) {
      return Warn(place, source.text(), target_text_,
                  absl::StrCat(value.status().message(), "; left out"),
                  findings);
    }
    const FieldValue fitted =
        FitToField(target_.leaf(), target_.format(), *value);
    if (fitted.fit == FieldValue::Fit::kUnfit) {
      return Warn(place, source.text(), target_text_,
                  absl::StrCat(fitted.note, "; left out"), findings);
    }
    if (fitted.fit == FieldValue::Fit::kConverted) {
      Warn(place, source.text(), target_text_, fitted.note, findings);
    }
    return target_.Set(root, fitted);
  }
}

void FieldMapper::MapElements(const EventView& view, const Place* place,
                              const SourcePath& source,
                              const SourcePath::Found& found, Message& root,
                              TakenNodes& taken, Findings& findings) const {
  EventView element_view = view;
  Place element{place, source.text(), target_text_, -1, 0};
  if (const auto* object = std::get_if<const Struct*>(&found.value)) {
    element_view.element = *object;
    MapElement(element_view, element, root, taken, findings);
    return;
  }
  const auto* list = std::get_if<const ListValue*>(&found.value);
  if (list == nullptr) {
    return Warn(place, source.text(), target_text_,
                absl::StrCat("expected a list of objects, found ",
                             KindOf(found.value), "; left out"),
                findings);
  }
  // What is left out has no index in the batch: there another stands.
  const auto leave_out = [&](std::string reason) {
    const Place left_out{place, source.text(), target_text_,
                         element.source_index};
    Warn(&left_out, "", "", absl::StrCat(reason, "; left out"), findings);
  };
  for (const google::protobuf::Value& node : (*list)->values()) {
    ++element.source_index;
    if (!node.has_struct_value()) {
      leave_out(
          absl::StrCat("expected an object, found ", KindOf(FromProto(node))));
      continue;
    }
    element_view.element = &node.struct_value();
    if (MapElement(element_view, element, root, taken, findings)) {
      ++element.target_index;
    } else {
      leave_out("has nothing that is mapped");
    }
  }
}

bool FieldMapper::MapElement(const EventView& view, const Place& place,
                             Message& root, TakenNodes& taken,
                             Findings& findings) const {
  Message& element = *target_.AddElement(root);
  for (const FieldMapper& mapper : each_) {
    mapper.MapAt(view, &place, element, taken, findings);
  }
  // What is left over of `properties` itself belongs to the event.
  if (view.element != &view.event->properties()) {
    WriteLeftovers(*view.element, taken, place, element, findings);
  }
  if (element.ByteSizeLong() > 0) return true;
  target_.RemoveLastElement(root);
  return false;
}

}  // namespace signal_delivery::mapping
