#include "tests/support/batch_targets.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mapping/batch_schema.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::support {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::OneofDescriptor;
using ::mparticle::events::v2::AttributeValue;
using ::mparticle::events::v2::Batch;
using ::mparticle::events::v2::UserAttributeValue;

// The service fills these itself.
bool IsReserved(const FieldDescriptor& field) {
  if (field.containing_type() != Batch::descriptor()) return false;
  switch (field.number()) {
    case Batch::kEnvironmentFieldNumber:
    case Batch::kSchemaVersionFieldNumber:
    case Batch::kSourceRequestIdFieldNumber:
    case Batch::kEventsFieldNumber:
    case Batch::kApiKeyFieldNumber:
    case Batch::kApiKeysFieldNumber:
      return true;
  }
  return false;
}

// The message to go on in; null where the field holds a single value.
const Descriptor* Below(const FieldDescriptor& field) {
  const Descriptor* message = field.message_type();
  return message == AttributeValue::descriptor() ||
                 message == UserAttributeValue::descriptor()
             ? nullptr
             : message;
}

std::vector<BatchTarget> TargetsOf(const Descriptor& message,
                                   const std::string& prefix,
                                   bool is_essential) {
  std::vector<BatchTarget> targets;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (IsReserved(*field)) continue;
    const bool required = mapping::IsRequired(*field);
    const bool essential = required && is_essential;
    std::string path = absl::StrCat(prefix, field->name());
    if (field->is_map()) {
      field = field->message_type()->map_value();
      absl::StrAppend(&path, ".*");
    }
    const Descriptor* below = Below(*field);
    if (field->is_repeated()) {
      // A list of single values has no mapping.
      if (below != nullptr) {
        targets.push_back(
            {path, field, required, essential, TargetsOf(*below, "", true)});
      }
    } else if (below == nullptr) {
      targets.push_back({path, field, required, essential, {}});
    } else {
      for (BatchTarget& target :
           TargetsOf(*below, absl::StrCat(path, "."), essential)) {
        targets.push_back(std::move(target));
      }
    }
  }
  return targets;
}

std::vector<EventKind> MakeEventKinds() {
  const OneofDescriptor& kinds =
      *mparticle::events::v2::Event::descriptor()->oneof_decl(0);
  std::vector<EventKind> made;
  for (int i = 0; i < kinds.field_count(); ++i) {
    const FieldDescriptor& kind = *kinds.field(i);
    made.push_back({kind.name(), kind.message_type(),
                    TargetsOf(*kind.message_type(),
                              absl::StrCat(kinds.name(), "."), true)});
  }
  return made;
}

std::vector<BatchTarget> MakeCommonTargets() {
  std::vector<BatchTarget> common;
  for (const BatchTarget& target : EventKinds().front().targets) {
    const auto has_it = [&](const EventKind& kind) {
      return std::any_of(
          kind.targets.begin(), kind.targets.end(),
          [&](const BatchTarget& other) { return other.path == target.path; });
    };
    if (std::all_of(EventKinds().begin(), EventKinds().end(), has_it)) {
      common.push_back(target);
    }
  }
  return common;
}

}  // namespace

const std::vector<BatchTarget>& RootTargets() {
  static const auto& targets =
      *new std::vector<BatchTarget>(TargetsOf(*Batch::descriptor(), "", true));
  return targets;
}

const std::vector<EventKind>& EventKinds() {
  static const auto& kinds = *new std::vector<EventKind>(MakeEventKinds());
  return kinds;
}

const std::vector<BatchTarget>& CommonTargets() {
  static const auto& targets =
      *new std::vector<BatchTarget>(MakeCommonTargets());
  return targets;
}

}  // namespace signal_delivery::support
