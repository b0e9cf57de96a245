#include "mapping/plan.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "mapping/dropped_properties.h"
#include "mapping/required_fields.h"
#include "mapping/status_macros.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::EventType;
using ::mparticle::events::v2::Batch;

// The keys of `events` that mean a type of event instead of a track's name.
constexpr absl::string_view kPage = "page";
constexpr absl::string_view kGroup = "group";
// Never one of them: its traits go with the user's other events.
constexpr absl::string_view kIdentify = "identify";

absl::Status CheckName(const EventMapping& event, const MappingConfig& config) {
  if (event.name == kIdentify) {
    return event.origin.Error(
        "an identify becomes no event; map its traits under global.mappings");
  }
  if (event.enabled.value_or(true) || !event.mappings.empty()) {
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  for (const EventMapping& other : config.events) {
    if (&other != &event) names.push_back(other.name);
  }
  return event.origin.UnknownWord("event to disable:", event.name, names);
}

}  // namespace

absl::StatusOr<Plan> Plan::Compile(const MappingConfig& config,
                                   EventPlan::Options options) {
  ASSIGN_OR_RETURN(DroppedProperties dropped,
                   DroppedProperties::Compile(config.dropped_properties));
  options.dropped_properties =
      std::make_shared<const DroppedProperties>(std::move(dropped));
  // Batch knows Event through its `events`.
  const auto required =
      std::make_shared<const RequiredFields>(*Batch::descriptor());
  ASSIGN_OR_RETURN(EventPlan identify,
                   EventPlan::CompileUser(config.global, required, options));
  Plan plan(std::move(identify));
  for (const EventMapping& event : config.events) {
    RETURN_IF_ERROR(CheckName(event, config));
    ASSIGN_OR_RETURN(
        EventPlan compiled,
        EventPlan::Compile(event, config.global, required, options));
    auto& plans = event.name == kPage || event.name == kGroup ? plan.types_
                                                              : plan.tracks_;
    plans.emplace(event.name, std::move(compiled));
  }
  if (config.defaults.has_value() && config.defaults->enabled.value_or(false)) {
    ASSIGN_OR_RETURN(
        plan.defaults_,
        EventPlan::Compile(*config.defaults, config.global, required, options));
  }
  return plan;
}

const EventPlan* Plan::Find(const EventFields& event) const {
  const auto find = [&](const auto& plans, absl::string_view name) {
    const auto found = plans.find(name);
    if (found != plans.end()) return &found->second;
    return defaults_.has_value() ? &*defaults_ : nullptr;
  };
  switch (event.type()) {
    case EventType::EVENT_TYPE_TRACK:
      return find(tracks_, event.event());
    case EventType::EVENT_TYPE_PAGE:
      return find(types_, kPage);
    case EventType::EVENT_TYPE_GROUP:
      return find(types_, kGroup);
    case EventType::EVENT_TYPE_IDENTIFY:
      return &identify_;
    default:
      return nullptr;
  }
}

}  // namespace signal_delivery::mapping
