#include "mapping/plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/batch_schema.h"
#include "mapping/leftovers.h"
#include "mapping/nearest_word.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::EventType;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::OneofDescriptor;
using ::mparticle::events::v2::Batch;
using ::mparticle::events::v2::ConsentPurpose;

using MparticleEvent = ::mparticle::events::v2::Event;
using SignalEvent = ::datafly::signal::v1::Event;

// The keys of `events` that mean a type of event instead of a track's name.
constexpr absl::string_view kPage = "page";
constexpr absl::string_view kGroup = "group";
// Never one of them: its traits go with the user's other events.
constexpr absl::string_view kIdentify = "identify";

// Where vendor_event_name goes.
constexpr char kEventName[] = "event_name";

const OneofDescriptor& EventData() {
  return *MparticleEvent::descriptor()->oneof_decl(0);
}

// "data.", the start of the targets that are in the event.
std::string EventPrefix() { return absl::StrCat(EventData().name(), "."); }

// Root fields that the service fills itself.
bool IsReserved(absl::string_view target) {
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

// The member of Event's oneof that the mapping to `event_type` names.
absl::StatusOr<const FieldDescriptor*> KindOfEvent(
    const EventMapping& event, const std::vector<FieldMapping>& mappings) {
  const absl::string_view event_type = DiscriminatorOf(EventData());
  const auto mapping = std::find_if(
      mappings.begin(), mappings.end(),
      [&](const FieldMapping& m) { return m.target == event_type; });
  if (mapping == mappings.end()) {
    return event.origin.Error(absl::StrCat(
        "does not say which mParticle event it becomes; add, for example, "
        "{target: ",
        event_type, ", value: custom_event}"));
  }
  const std::string* name = nullptr;
  if (mapping->value.has_value()) {
    name = std::get_if<std::string>(&*mapping->value);
  }
  if (name == nullptr) {
    return mapping->origin.Error(
        absl::StrCat("\"", event_type, "\" takes a fixed value"));
  }
  std::vector<std::string> known;
  for (int i = 0; i < EventData().field_count(); ++i) {
    if (EventData().field(i)->name() == *name) return EventData().field(i);
    known.push_back(EventData().field(i)->name());
  }
  return mapping->origin.UnknownWord(event_type, *name, known);
}

// mParticle demands to know when a user decided on a purpose. Where no mapping
// says so, it is the time of the event that brought the decision.
void StampConsent(
    const SignalEvent& event,
    google::protobuf::Map<std::string, ConsentPurpose>& purposes) {
  for (auto& [name, purpose] : purposes) {
    if (!purpose.has_timestamp_unixtime_ms() && event.has_timestamp()) {
      purpose.set_timestamp_unixtime_ms(event.timestamp().seconds() * 1000 +
                                        event.timestamp().nanos() / 1000000);
    }
  }
}

}  // namespace

absl::StatusOr<EventPlan> EventPlan::Compile(
    const EventMapping& mapping, const std::vector<FieldMapping>& global,
    std::shared_ptr<const RequiredFields> required) {
  EventPlan plan;
  plan.required_ = std::move(required);
  plan.enabled_ = mapping.enabled;
  if (!plan.enabled_) return plan;
  ASSIGN_OR_RETURN(plan.kind_, KindOfEvent(mapping, mapping.mappings));
  for (const std::vector<FieldMapping>* mappings :
       {&global, &mapping.mappings}) {
    for (const FieldMapping& field : *mappings) {
      RETURN_IF_ERROR(plan.Add(field));
    }
  }
  if (!mapping.vendor_event_name.empty()) {
    if (plan.kind_->message_type()->FindFieldByName(kEventName) == nullptr) {
      return mapping.origin.Error(
          absl::StrCat("a ", plan.kind_->name(), " has no ", kEventName,
                       "; remove \"vendor_event_name\""));
    }
    FieldMapping name{.origin = mapping.origin};
    name.target = absl::StrCat(EventPrefix(), kEventName);
    name.value = mapping.vendor_event_name;
    RETURN_IF_ERROR(plan.Add(name));
  }
  return plan;
}

absl::Status EventPlan::Add(const FieldMapping& mapping) {
  if (mapping.target == DiscriminatorOf(EventData())) return absl::OkStatus();
  if (IsReserved(mapping.target)) {
    return mapping.origin.Error(absl::StrCat(
        "\"", mapping.target, "\" is filled by the service; remove it"));
  }
  const bool in_event = absl::StartsWith(mapping.target, EventPrefix());
  ASSIGN_OR_RETURN(
      FieldMapper mapper,
      FieldMapper::Compile(
          mapping, in_event ? *kind_->message_type() : *Batch::descriptor(),
          in_event ? EventPrefix() : ""));
  std::vector<FieldMapper>& mappers = in_event ? for_event_ : for_batch_;
  // An event's own mapping comes after the global one and takes its place.
  const auto same = std::find_if(
      mappers.begin(), mappers.end(),
      [&](const FieldMapper& m) { return m.target() == mapper.target(); });
  if (same == mappers.end()) {
    mappers.push_back(std::move(mapper));
  } else {
    *same = std::move(mapper);
  }
  return absl::OkStatus();
}

void EventPlan::Map(const EventView& view, Batch& batch, MparticleEvent& event,
                    Findings& findings) const {
  TakenNodes taken;
  for (const FieldMapper& mapper : for_batch_) {
    mapper.Map(view, batch, taken, findings);
  }
  if (batch.has_consent_state()) {
    StampConsent(*view.event, *batch.mutable_consent_state()->mutable_gdpr());
    StampConsent(*view.event, *batch.mutable_consent_state()->mutable_ccpa());
  }
  required_->Enforce(batch, "", findings);

  Message& data = *event.GetReflection()->MutableMessage(&event, kind_);
  for (const FieldMapper& mapper : for_event_) {
    mapper.Map(view, data, taken, findings);
  }
  if (view.event->has_properties()) {
    const Place properties{nullptr, "properties", EventData().name()};
    WriteLeftovers(view.event->properties(), taken, properties, data, findings);
  }
  for (const std::string& field :
       required_->Enforce(data, EventData().name(), findings)) {
    Finding violation{
        "", absl::StrCat(EventPrefix(), field),
        "mParticle requires it and the event has no usable value"};
    for (const FieldMapper& mapper : for_event_) {
      if (mapper.target() == violation.mparticle_path) {
        violation.signal_path = std::string(mapper.first_source());
      }
    }
    findings.violations.push_back(std::move(violation));
  }
}

absl::StatusOr<Plan> Plan::Compile(const MappingConfig& config) {
  // Batch knows Event through its `events`.
  const auto required =
      std::make_shared<const RequiredFields>(*Batch::descriptor());
  Plan plan;
  for (const EventMapping& event : config.events) {
    if (event.name == kIdentify) {
      return event.origin.Error(
          "an identify becomes no event; map its traits under global.mappings");
    }
    if (!event.enabled && event.mappings.empty()) {
      std::vector<std::string> names;
      for (const EventMapping& other : config.events) {
        if (&other != &event) names.push_back(other.name);
      }
      return event.origin.UnknownWord("event to disable:", event.name, names);
    }
    ASSIGN_OR_RETURN(EventPlan compiled,
                     EventPlan::Compile(event, config.global, required));
    auto& plans = event.name == kPage || event.name == kGroup ? plan.types_
                                                              : plan.tracks_;
    plans.emplace(event.name, std::move(compiled));
  }
  return plan;
}

const EventPlan* Plan::Find(const SignalEvent& event) const {
  const auto find = [](const auto& plans, absl::string_view name) {
    const auto found = plans.find(name);
    return found == plans.end() ? nullptr : &found->second;
  };
  switch (event.type()) {
    case EventType::EVENT_TYPE_TRACK:
      return find(tracks_, event.event());
    case EventType::EVENT_TYPE_PAGE:
      return find(types_, kPage);
    case EventType::EVENT_TYPE_GROUP:
      return find(types_, kGroup);
    default:
      return nullptr;
  }
}

}  // namespace signal_delivery::mapping
