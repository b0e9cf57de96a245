#include "tests/support/typed_properties.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/arena.h"
#include "mapping/source_event.h"

namespace signal_delivery::support {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Struct;
using ::google::protobuf::Value;
using ::signal_delivery::mapping::EventFate;
using ::signal_delivery::mapping::Fate;
using ::signal_delivery::mapping::FieldOrigin;
using ::signal_delivery::mapping::Finding;
using ::signal_delivery::mapping::MappedEvents;
using ::signal_delivery::mapping::Mapper;
using ::signal_delivery::mapping::PreparedBatch;

bool IsOthers(const FieldDescriptor& field) {
  return field.message_type() == Struct::descriptor();
}

void Move(const Struct& from, Message& to, Struct* others);

bool MoveList(const Value& from, const FieldDescriptor& field, Message& to) {
  const auto& values = from.list_value().values();
  if (values.empty()) return false;
  for (const Value& value : values) {
    if (!value.has_struct_value()) return false;
  }
  for (const Value& value : values) {
    Message& element = *to.GetReflection()->AddMessage(&to, &field);
    const FieldDescriptor* const others =
        element.GetDescriptor()->FindFieldByName("properties");
    Struct left;
    Move(value.struct_value(), element, &left);
    if (left.fields().empty()) continue;
    if (others == nullptr) return false;
    element.GetReflection()->MutableMessage(&element, others)->CopyFrom(left);
  }
  return true;
}

// False, with `to` as it was, where the field cannot hold the value.
bool MoveValue(const Value& from, const FieldDescriptor& field, Message& to) {
  const auto& reflection = *to.GetReflection();
  const double number = from.number_value();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (from.kind_case() != Value::kStringValue) return false;
      reflection.SetString(&to, &field, from.string_value());
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (from.kind_case() != Value::kNumberValue) return false;
      reflection.SetDouble(&to, &field, number);
      return true;
    case FieldDescriptor::CPPTYPE_INT32:
      if (from.kind_case() != Value::kNumberValue ||
          !(std::abs(number) <= INT32_MAX) || number != std::trunc(number) ||
          std::signbit(number)) {
        return false;
      }
      reflection.SetInt32(&to, &field, static_cast<int32_t>(number));
      return true;
    default:
      if (MoveList(from, field, to)) return true;
      reflection.ClearField(&to, &field);
      return false;
  }
}

// What no field holds goes to `others`.
void Move(const Struct& from, Message& to, Struct* others) {
  for (const auto& [name, value] : from.fields()) {
    const FieldDescriptor* const field =
        to.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || IsOthers(*field) || !MoveValue(value, *field, to)) {
      (*others->mutable_fields())[name] = value;
    }
  }
}

std::string TextOf(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppend(&text, mapping::InfoOf(finding.rule).name, " ",
                    finding.signal_path, " ", finding.mparticle_path, " ",
                    finding.description, "\n");
  }
  return text;
}

std::string TextOf(const EventFate& fate) {
  std::string text = absl::StrCat("fate ", static_cast<int>(fate.fate), " ",
                                  fate.counted_name, " ", fate.consent_category,
                                  "\n", TextOf(fate.findings.violations),
                                  TextOf(fate.findings.warnings));
  for (const FieldOrigin& origin : fate.origins) {
    absl::StrAppend(&text, origin.signal_path, " ", origin.mparticle_path, " ",
                    origin.made_by, " ", origin.description, " ",
                    origin.left_out, "\n");
  }
  return text;
}

std::string TextOf(const MappedEvents& mapped) {
  std::string text;
  for (const PreparedBatch& batch : mapped.batches) {
    absl::StrAppend(&text, batch.source_request_id.text(), " of ",
                    absl::StrJoin(batch.events, ","), " in lane ", batch.lane,
                    ": ", batch.body, "\n");
  }
  for (const EventFate& fate : mapped.fates)
    absl::StrAppend(&text, TextOf(fate));
  return text;
}

bool IsTooLarge(const MappedEvents& mapped) {
  return std::any_of(
      mapped.fates.begin(), mapped.fates.end(),
      [](const EventFate& fate) { return fate.fate == Fate::kTooLarge; });
}

template <typename T>
std::vector<const T*> PointersTo(const std::vector<T>& events) {
  std::vector<const T*> pointers;
  for (const T& event : events) pointers.push_back(&event);
  return pointers;
}

std::string Difference(absl::string_view form, const std::string& expected,
                       const std::string& found) {
  if (found == expected) return "";
  return absl::StrCat("as it is:\n", expected, form, ":\n", found);
}

// Events as the service reads them.
class FromTheWire {
 public:
  explicit FromTheWire(const std::vector<Event>& events)
      : events_(events.size()) {
    mapping::EventReader reader(arena_);
    for (size_t i = 0; i < events.size(); ++i) {
      bytes_.push_back(events[i].SerializeAsString());
      // One that cannot be read is an empty one, and mapped as such.
      reader.Read(bytes_.back(), events_[i]);
    }
  }

  std::vector<const mapping::SourceEvent*> sources() const {
    return PointersTo(events_);
  }

 private:
  google::protobuf::Arena arena_;
  std::deque<std::string> bytes_;  // which stay where they are
  std::vector<mapping::SourceEvent> events_;
};

}  // namespace

Event WithEcommerce(const Event& event) {
  Event typed = event;
  if (!event.has_properties()) return typed;
  typed.clear_properties();
  Struct others;
  Move(event.properties(), *typed.mutable_ecommerce(), &others);
  if (!others.fields().empty()) *typed.mutable_properties() = others;
  return typed;
}

std::string DifferenceByForm(const Mapper& mapper,
                             const std::vector<Event>& events, absl::Time now) {
  std::vector<Event> typed;
  for (const Event& event : events) typed.push_back(WithEcommerce(event));
  const FromTheWire from_the_wire(events);
  const std::vector<const Event*> given = PointersTo(events);
  const std::vector<const Event*> by_type = PointersTo(typed);

  const MappedEvents mapped = mapper.Map(given, now);
  const std::string expected = TextOf(mapped);
  std::string difference =
      Difference("from the wire", expected,
                 TextOf(mapper.Map(from_the_wire.sources(), now)));
  if (IsTooLarge(mapped)) return difference;
  const std::string explained = TextOf(mapper.Explain(given, now));
  absl::StrAppend(
      &difference,
      Difference("by type", expected, TextOf(mapper.Map(by_type, now))),
      Difference("by type, from the wire", expected,
                 TextOf(mapper.Map(FromTheWire(typed).sources(), now))),
      Difference("explained by type", explained,
                 TextOf(mapper.Explain(by_type, now))),
      Difference("explained from the wire", explained,
                 TextOf(mapper.Explain(from_the_wire.sources(), now))));
  return difference;
}

}  // namespace signal_delivery::support
