#include "mapping/event_kind.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::OneofDescriptor;
using ::mparticle::events::v2::Batch;
using ::mparticle::events::v2::Event;

const OneofDescriptor& EventData() {
  return *Event::descriptor()->oneof_decl(0);
}

// "data.", the start of the targets that are in the event.
const std::string& EventPrefix() {
  static const auto* const kPrefix =
      new std::string(absl::StrCat(EventData().name(), "."));
  return *kPrefix;
}

// The member of Event's oneof that the mapping to `event_type` names.
absl::StatusOr<const FieldDescriptor*> KindOfEvent(const EventMapping& event) {
  const std::vector<FieldMapping>& mappings = event.mappings;
  const auto mapping = std::find_if(
      mappings.begin(), mappings.end(),
      [&](const FieldMapping& m) { return m.target == kEventTypeTarget; });
  if (mapping == mappings.end()) {
    return event.origin.Error(absl::StrCat(
        "does not say which mParticle event it becomes; add, for example, "
        "{target: ",
        kEventTypeTarget, ", value: custom_event}"));
  }
  const std::string* name = nullptr;
  if (mapping->value.has_value()) {
    name = std::get_if<std::string>(&*mapping->value);
  }
  if (name == nullptr) {
    return mapping->origin.Error(
        absl::StrCat("\"", kEventTypeTarget, "\" takes a fixed value"));
  }
  std::vector<std::string> known;
  for (int i = 0; i < EventData().field_count(); ++i) {
    if (EventData().field(i)->name() == *name) return EventData().field(i);
    known.push_back(EventData().field(i)->name());
  }
  return mapping->origin.UnknownWord(kEventTypeTarget, *name, known);
}

bool IsReservedTarget(absl::string_view target) {
  for (const int number :
       {Batch::kEnvironmentFieldNumber, Batch::kSchemaVersionFieldNumber,
        Batch::kSourceRequestIdFieldNumber, Batch::kEventsFieldNumber,
        Batch::kApiKeyFieldNumber, Batch::kApiKeysFieldNumber}) {
    if (Batch::descriptor()->FindFieldByNumber(number)->name() == target) {
      return true;
    }
  }
  return false;
}

}  // namespace signal_delivery::mapping
