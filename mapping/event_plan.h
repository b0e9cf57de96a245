#ifndef MAPPING_EVENT_PLAN_H_
#define MAPPING_EVENT_PLAN_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/descriptor.h"
#include "mapping/draft.h"
#include "mapping/dropped_properties.h"
#include "mapping/field_mapper.h"
#include "mapping/findings.h"
#include "mapping/leftovers.h"
#include "mapping/mapping_config.h"
#include "mapping/required_fields.h"
#include "mapping/source_path.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {

// What becomes of the events of one name: which mParticle event, made of what.
// Immutable, thread-safe.
class EventPlan {
 public:
  struct Options {
    // A trait that is null takes the user attribute away that it is mapped to.
    bool delete_null_traits = false;
    // Never become custom attributes.
    std::shared_ptr<const DroppedProperties> dropped_properties;
  };

  // The error says where in the configuration what is wrong.
  static absl::StatusOr<EventPlan> Compile(
      const EventMapping& mapping, const std::vector<FieldMapping>& global,
      std::shared_ptr<const RequiredFields> required, Options options);
  // For an identify: the part of `global` that is about the user.
  static absl::StatusOr<EventPlan> CompileUser(
      const std::vector<FieldMapping>& global,
      std::shared_ptr<const RequiredFields> required, Options options);

  bool enabled() const { return enabled_; }

  // For an identify: writes what `view` tells about the user into `batch`. It
  // is empty before.
  void MapUser(const EventView& view, Draft& batch, Findings& findings) const;
  // For another event, in this order. What becomes no custom attribute is taken
  // first.
  void TakeDropped(const EventView& view, TakenNodes& taken) const;
  // What `view` tells about the user, into `batch`. It is empty before.
  void MapUserPart(const EventView& view, Draft& batch, TakenNodes& taken,
                   Findings& findings) const;
  // What it tells about the event, into `event`. What speaks against sending
  // the event is in the findings' violations.
  void MapEvent(const EventView& view, Draft& event, TakenNodes& taken,
                Findings& findings) const;

  // True where the user parts of two events, one with this plan, the other with
  // `other`, are the same if they are of one user, in one context and without
  // traits of their own. But for the times of consent decisions, which are
  // those of the events.
  bool SharesUserPart(const EventPlan& other) const {
    return is_user_part_of_user_ &&
           (this == &other ||
            (is_user_part_global_ && other.is_user_part_global_));
  }

  // The time of `event` and where it comes from, if another source than the
  // Signal event's own time may have given it.
  struct MappedTime {
    absl::Time time;
    absl::string_view signal_path;
    std::string mparticle_path;
  };
  std::optional<MappedTime> TimeOf(const Draft& event) const;

  // The event or screen name that counts towards the workspace's limit; ""
  // where `event` has none.
  absl::string_view CountedName(const Draft& event) const;
  // The field that has it; nullptr: none.
  const google::protobuf::FieldDescriptor* counted_field() const {
    return counted_name_;
  }

 private:
  EventPlan(std::shared_ptr<const RequiredFields> required, Options options)
      : options_(options), required_(std::move(required)) {}

  absl::Status SetKind(const EventMapping& mapping);
  absl::Status Add(const FieldMapping& mapping, bool is_global);
  absl::Status AddEventName(const EventMapping& mapping);
  void FindMappedTime();

  void DeleteAttributes(const EventView& view, Draft& batch,
                        Findings& findings) const;
  // The target of a field that the event lacks.
  std::string MappedPath(const std::string& field) const;
  // Says of the warnings from `first` on where they come from, and takes what
  // they left out from the origins.
  static void Attribute(const std::vector<FieldMapper>& mappers, size_t first,
                        Findings& findings);

  Options options_;
  // Those of Batch and of kind_'s message, asked once: protobuf locks for it.
  const google::protobuf::Descriptor* batch_type_ =
      mparticle::events::v2::Batch::descriptor();
  const google::protobuf::Descriptor* data_type_ = nullptr;
  bool enabled_ = true;
  // The member of Event's oneof that this name's events become; nullptr: they
  // become none.
  const google::protobuf::FieldDescriptor* kind_ = nullptr;
  const google::protobuf::FieldDescriptor* counted_name_ = nullptr;
  // The event's time, and its source, where that is not the Signal event's own
  // time alone; nullptr: it is.
  const google::protobuf::FieldDescriptor* mapped_time_ = nullptr;
  std::string time_source_;
  std::vector<FieldMapper> for_batch_;
  // Whether all of them are the global ones, and whether they read nothing but
  // the user, the traits and the context, and the event does not depend on
  // which traits they took.
  bool is_user_part_global_ = true;
  bool is_user_part_of_user_ = false;
  std::vector<FieldMapper> for_event_;
  std::optional<LeftoverTarget> leftovers_;
  std::shared_ptr<const RequiredFields> required_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_PLAN_H_
