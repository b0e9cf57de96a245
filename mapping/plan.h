#ifndef MAPPING_PLAN_H_
#define MAPPING_PLAN_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/field_mapper.h"
#include "mapping/findings.h"
#include "mapping/mapping_config.h"
#include "mapping/required_fields.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {

// What becomes of the events of one name: which mParticle event, made of what.
// Immutable, thread-safe.
class EventPlan {
 public:
  bool enabled() const { return enabled_; }

  // Writes what `view` tells about the user into `batch` (all but its events)
  // and what it tells about the event into `event`. Both are empty before. What
  // speaks against sending the event is in the findings' violations.
  void Map(const EventView& view, mparticle::events::v2::Batch& batch,
           mparticle::events::v2::Event& event, Findings& findings) const;

 private:
  friend class Plan;
  EventPlan() = default;

  static absl::StatusOr<EventPlan> Compile(
      const EventMapping& mapping, const std::vector<FieldMapping>& global,
      std::shared_ptr<const RequiredFields> required);
  absl::Status Add(const FieldMapping& mapping);

  bool enabled_ = true;
  // The member of Event's oneof that this name's events become.
  const google::protobuf::FieldDescriptor* kind_ = nullptr;
  std::vector<FieldMapper> for_batch_;
  std::vector<FieldMapper> for_event_;
  std::shared_ptr<const RequiredFields> required_;
};

// A MappingConfig, checked against the schemas and ready to run. Immutable,
// thread-safe.
class Plan {
 public:
  // The error says where in the configuration what is wrong, and what to write
  // instead.
  static absl::StatusOr<Plan> Compile(const MappingConfig& config);

  // The plan for an event; nullptr where the configuration does not name it.
  const EventPlan* Find(const datafly::signal::v1::Event& event) const;

 private:
  // Tracks by their name.
  absl::flat_hash_map<std::string, EventPlan> tracks_;
  // The other types by theirs: "page", "group".
  absl::flat_hash_map<std::string, EventPlan> types_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PLAN_H_
