#include "mapping/event_plan.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "mapping/batch_schema.h"
#include "mapping/event_fields.h"
#include "mapping/event_kind.h"
#include "mapping/plan_checks.h"
#include "mapping/status_macros.h"
#include "mapping/unmapped.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::mparticle::events::v2::Batch;
using ::mparticle::events::v2::ConsentPurpose;
using ::mparticle::events::v2::ConsentState;

constexpr absl::string_view kProperties = "properties";
// Where an event's time is in Signal's events, and in mParticle's.
constexpr absl::string_view kEventTime = "timestamp";
constexpr absl::string_view kTimeField = "timestamp_unixtime_ms";

// mParticle demands to know when a user decided on a purpose. Where no mapping
// says so, it is the time of the event that brought the decision.
void StampConsent(const EventFields& event, int map, Draft& consent,
                  Findings& findings) {
  if (!event.timestamp().has_value()) return;
  for (const Draft::Item* entry = consent.Items(map).first; entry != nullptr;
       entry = entry->next) {
    Draft::Value& time =
        std::get<Draft*>(entry->value)
            ->At(ConsentPurpose::kTimestampUnixtimeMsFieldNumber);
    if (!std::holds_alternative<std::monostate>(time)) continue;
    time = int64_t{event.timestamp()->seconds * 1000 +
                   event.timestamp()->nanos / 1000000};
    if (findings.origins == nullptr) continue;
    findings.origins->push_back(
        {"timestamp",
         absl::StrCat(
             Batch::descriptor()
                 ->FindFieldByNumber(Batch::kConsentStateFieldNumber)
                 ->name(),
             ".", ConsentState::descriptor()->FindFieldByNumber(map)->name(),
             ".", entry->key, ".timestamp_unixtime_ms"),
         kMadeByService, "the time of the batch's first event"});
  }
}

// "data.product_impressions" of "data.product_impressions[0]".
std::string WithoutIndexes(absl::string_view path) {
  std::string without;
  bool in_index = false;
  for (const char c : path) {
    in_index = c == '[' || (in_index && c != ']');
    if (!in_index && c != ']') without += c;
  }
  return without;
}

// The first source of what is mapped to `path` or below it.
std::string SourceOf(const std::vector<FieldMapper>& mappers,
                     absl::string_view path) {
  const FieldMapper* mapper = FindMapper(mappers, path);
  return mapper == nullptr ? "" : std::string(mapper->first_source());
}

// What was left out of the batch after it had been written.
void TakeOriginsBack(absl::string_view path, Findings& findings) {
  if (findings.origins == nullptr) return;
  std::vector<FieldOrigin>& origins = *findings.origins;
  for (FieldOrigin& origin : origins) {
    if (origin.left_out || !IsAtOrBelow(origin.mparticle_path, path)) continue;
    origin.left_out = true;
    origin.description = "what it is a part of is left out";
  }
  // What a mapping did not take from the event is nothing that the event lost.
  origins.erase(std::remove_if(origins.begin(), origins.end(),
                               [](const FieldOrigin& origin) {
                                 return origin.left_out &&
                                        (origin.signal_path.empty() ||
                                         origin.made_by == kMadeByService);
                               }),
                origins.end());
}

}  // namespace

absl::StatusOr<EventPlan> EventPlan::Compile(
    const EventMapping& mapping, const std::vector<FieldMapping>& global,
    std::shared_ptr<const RequiredFields> required, Options options) {
  EventPlan plan(std::move(required), options);
  plan.enabled_ = mapping.enabled.value_or(true);
  // One that only says so inherits nothing that could be wrong.
  if (!plan.enabled_ && mapping.mappings.empty()) return plan;
  RETURN_IF_ERROR(plan.SetKind(mapping));
  for (const std::vector<FieldMapping>* mappings :
       {&global, &mapping.mappings}) {
    for (const FieldMapping& field : *mappings) {
      RETURN_IF_ERROR(plan.Add(field, mappings == &global));
    }
  }
  RETURN_IF_ERROR(plan.AddEventName(mapping));
  plan.is_user_part_of_user_ =
      std::all_of(plan.for_batch_.begin(), plan.for_batch_.end(),
                  std::mem_fn(&FieldMapper::ReadsOnlyUser)) &&
      std::none_of(plan.for_event_.begin(), plan.for_event_.end(),
                   std::mem_fn(&FieldMapper::MapsObjectsOfTraits));
  plan.FindMappedTime();
  RETURN_IF_ERROR(CheckRequiredFields(*plan.kind_, mapping, plan.for_event_));
  const MapperOrigins origins{global, &mapping};
  for (const auto* mappers : {&plan.for_batch_, &plan.for_event_}) {
    RETURN_IF_ERROR(CheckAttributeCounts(*mappers, origins));
    RETURN_IF_ERROR(CheckParts(*mappers, origins));
  }
  return plan;
}

absl::StatusOr<EventPlan> EventPlan::CompileUser(
    const std::vector<FieldMapping>& global,
    std::shared_ptr<const RequiredFields> required, Options options) {
  EventPlan plan(std::move(required), options);
  for (const FieldMapping& field : global) {
    if (absl::StartsWith(field.target, EventPrefix())) continue;
    RETURN_IF_ERROR(plan.Add(field, /*is_global=*/true));
  }
  const MapperOrigins origins{global, /*event=*/nullptr};
  RETURN_IF_ERROR(CheckAttributeCounts(plan.for_batch_, origins));
  RETURN_IF_ERROR(CheckParts(plan.for_batch_, origins));
  return plan;
}

absl::Status EventPlan::SetKind(const EventMapping& mapping) {
  ASSIGN_OR_RETURN(kind_, KindOfEvent(mapping));
  const google::protobuf::Descriptor& data = *kind_->message_type();
  data_type_ = &data;
  leftovers_.emplace(data);
  for (int i = 0; i < data.field_count(); ++i) {
    if (IsCountedName(*data.field(i))) counted_name_ = data.field(i);
  }
  return absl::OkStatus();
}

absl::Status EventPlan::Add(const FieldMapping& mapping, bool is_global) {
  if (mapping.target == kEventTypeTarget) return absl::OkStatus();
  if (IsReservedTarget(mapping.target)) {
    return mapping.origin.Error(absl::StrCat(
        "\"", mapping.target, "\" is filled by the service; remove it"));
  }
  const bool in_event = absl::StartsWith(mapping.target, EventPrefix());
  std::vector<FieldMapper>& mappers = in_event ? for_event_ : for_batch_;
  if (!in_event && !is_global) is_user_part_global_ = false;
  // An event's own mapping comes after the global one and takes its place.
  const auto same = std::find_if(
      mappers.begin(), mappers.end(),
      [&](const FieldMapper& m) { return m.target() == mapping.target; });
  if (mapping.remove) {
    if (same != mappers.end()) mappers.erase(same);
    return absl::OkStatus();
  }
  absl::StatusOr<FieldMapper> mapper = FieldMapper::Compile(
      mapping, in_event ? *kind_->message_type() : *Batch::descriptor(),
      in_event ? EventPrefix() : "");
  if (!mapper.ok() && in_event && is_global) {
    return absl::InvalidArgumentError(
        absl::StrCat(mapper.status().message(),
                     "; a global mapping is for every event: put "
                     "it under the events that have the field"));
  }
  RETURN_IF_ERROR(mapper.status());
  if (same == mappers.end()) {
    mappers.push_back(*std::move(mapper));
  } else {
    *same = *std::move(mapper);
  }
  return absl::OkStatus();
}

absl::Status EventPlan::AddEventName(const EventMapping& mapping) {
  if (mapping.vendor_event_name.empty()) return absl::OkStatus();
  const std::string field(absl::StripPrefix(kEventNameTarget, EventPrefix()));
  if (kind_->message_type()->FindFieldByName(field) == nullptr) {
    return mapping.origin.Error(absl::StrCat("a ", kind_->name(), " has no ",
                                             field,
                                             "; remove \"vendor_event_name\""));
  }
  FieldMapping name{.origin = mapping.origin};
  name.target = std::string(kEventNameTarget);
  name.value = mapping.vendor_event_name;
  return Add(name, /*is_global=*/false);
}

void EventPlan::MapUser(const EventView& view, Draft& batch,
                        Findings& findings) const {
  TakenNodes taken;
  MapUserPart(view, batch, taken, findings);
  NoteUnmapped(view, taken, findings);
  NoteUnmappedProperties(view, taken, findings);
}

void EventPlan::TakeDropped(const EventView& view, TakenNodes& taken) const {
  if (options_.dropped_properties == nullptr) return;
  options_.dropped_properties->Take(view.event->properties, taken);
}

void EventPlan::MapUserPart(const EventView& view, Draft& batch,
                            TakenNodes& taken, Findings& findings) const {
  for (const FieldMapper& mapper : for_batch_) {
    mapper.Map(view, batch, taken, findings);
  }
  if (options_.delete_null_traits) DeleteAttributes(view, batch, findings);
  if (Draft* consent = batch.FindMessage(Batch::kConsentStateFieldNumber)) {
    for (const int map :
         {ConsentState::kGdprFieldNumber, ConsentState::kCcpaFieldNumber}) {
      StampConsent(view.event->fields, map, *consent, findings);
    }
  }
  const size_t first = findings.warnings.size();
  required_->Enforce(*batch_type_, batch, nullptr, findings);
  Attribute(for_batch_, first, findings);
}

void EventPlan::MapEvent(const EventView& view, Draft& event, TakenNodes& taken,
                         Findings& findings) const {
  Draft& data = event.MessageAt(kind_->number());
  for (const FieldMapper& mapper : for_event_) {
    mapper.Map(view, data, taken, findings);
  }
  const ObjectView& properties = view.event->properties;
  if (properties.exists()) {
    const Place place{nullptr, kProperties, EventData().name()};
    leftovers_->Write(properties, taken, place, data, findings);
    if (findings.origins != nullptr && options_.dropped_properties != nullptr) {
      options_.dropped_properties->Note(properties, taken, findings);
    }
  }
  NoteUnmapped(view, taken, findings);
  const size_t first = findings.warnings.size();
  const Place data_place{nullptr, "", EventData().name()};
  for (const std::string& field :
       required_->Enforce(*data_type_, data, &data_place, findings)) {
    const std::string path = MappedPath(field);
    std::string source = SourceOf(for_event_, path);
    findings.violations.push_back(
        {Rule::kRequiredField, std::move(source), path,
         "mParticle requires it and the event has no usable value"});
  }
  Attribute(for_event_, first, findings);
}

std::string EventPlan::MappedPath(const std::string& field) const {
  std::string path = absl::StrCat(EventPrefix(), field);
  if (FindMapper(for_event_, path) != nullptr) return path;
  // A commerce event without any of its parts lacks the one that is mapped.
  for (const std::string& part : CommerceParts()) {
    std::string other = absl::StrCat(EventPrefix(), part);
    if (FindMapper(for_event_, other) != nullptr) return other;
  }
  return path;
}

std::optional<EventPlan::MappedTime> EventPlan::TimeOf(
    const Draft& event) const {
  if (mapped_time_ == nullptr) return std::nullopt;
  const Draft* data = event.FindMessage(kind_->number());
  const Draft::Value* time = data->Find(mapped_time_->number());
  if (time == nullptr) return std::nullopt;
  return MappedTime{absl::FromUnixMillis(std::get<int64_t>(*time)),
                    time_source_,
                    absl::StrCat(EventPrefix(), mapped_time_->name())};
}

void EventPlan::FindMappedTime() {
  for (const FieldMapper& mapper : for_event_) {
    if (mapper.target() != absl::StrCat(EventPrefix(), kTimeField)) continue;
    for (const SourcePath& source : mapper.sources()) {
      if (source.text() == kEventTime) continue;
      time_source_ = source.text();
      break;
    }
    if (mapper.is_fixed() || !time_source_.empty()) {
      mapped_time_ = &mapper.target_path().leaf();
    }
  }
}

absl::string_view EventPlan::CountedName(const Draft& event) const {
  if (counted_name_ == nullptr) return "";
  const Draft* data = event.FindMessage(kind_->number());
  const Draft::Value* name = data->Find(counted_name_->number());
  return name == nullptr ? "" : std::get<absl::string_view>(*name);
}

void EventPlan::DeleteAttributes(const EventView& view, Draft& batch,
                                 Findings& findings) const {
  constexpr int kDeleted = Batch::kDeletedUserAttributesFieldNumber;
  for (const FieldMapper& mapper : for_batch_) {
    const FieldDescriptor* map = mapper.target_path().map();
    if (map != nullptr && map->number() == Batch::kUserAttributesFieldNumber &&
        mapper.IsTraitTakenAway(view)) {
      if (findings.origins != nullptr) {
        // It is not left out after all.
        std::vector<FieldOrigin>& origins = *findings.origins;
        origins.erase(std::remove_if(origins.begin(), origins.end(),
                                     [&](const FieldOrigin& origin) {
                                       return origin.left_out &&
                                              origin.made_by ==
                                                  mapper.location();
                                     }),
                      origins.end());
        origins.push_back({std::string(mapper.first_source()),
                           absl::StrCat("deleted_user_attributes[",
                                        batch.Items(kDeleted).size, "]"),
                           mapper.location(), "the trait is null"});
      }
      batch.Add(kDeleted) = batch.Keep(mapper.target_path().entry());
    }
  }
}

void EventPlan::Attribute(const std::vector<FieldMapper>& mappers, size_t first,
                          Findings& findings) {
  // A map's entries have no order of their own.
  std::sort(findings.warnings.begin() + first, findings.warnings.end(),
            [](const Finding& a, const Finding& b) {
              return a.mparticle_path < b.mparticle_path;
            });
  for (size_t i = first; i < findings.warnings.size(); ++i) {
    Finding& warning = findings.warnings[i];
    if (warning.signal_path.empty()) {
      warning.signal_path =
          SourceOf(mappers, WithoutIndexes(warning.mparticle_path));
    }
    TakeOriginsBack(warning.mparticle_path, findings);
  }
}

}  // namespace signal_delivery::mapping
