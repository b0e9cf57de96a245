#ifndef MAPPING_PLAN_H_
#define MAPPING_PLAN_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "mapping/event_fields.h"
#include "mapping/event_plan.h"
#include "mapping/mapping_config.h"

namespace signal_delivery::mapping {

// A MappingConfig, checked against the schemas and ready to run. Immutable,
// thread-safe.
class Plan {
 public:
  // The error says where in the configuration what is wrong, and what to write
  // instead.
  static absl::StatusOr<Plan> Compile(const MappingConfig& config,
                                      EventPlan::Options options);

  // The plan for an event; nullptr where events like this are dropped because
  // the configuration does not name them. For an identify: what it tells about
  // its user.
  const EventPlan* Find(const EventFields& event) const;

 private:
  explicit Plan(EventPlan identify) : identify_(std::move(identify)) {}

  EventPlan identify_;
  // Tracks by their name.
  absl::flat_hash_map<std::string, EventPlan> tracks_;
  // The other types by theirs: "page", "group".
  absl::flat_hash_map<std::string, EventPlan> types_;
  // For events that the configuration does not name.
  std::optional<EventPlan> defaults_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PLAN_H_
