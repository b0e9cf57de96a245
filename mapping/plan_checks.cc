#include "mapping/plan_checks.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/batch_schema.h"
#include "mapping/event_kind.h"
#include "mapping/value_rules.h"
#include "mparticle/events/v2/batch.pb.h"
#include "mparticle/events/v2/commerce_event.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::mparticle::events::v2::CommerceEventData;
using ::mparticle::events::v2::ConsentPurpose;

// What the service fills where no mapping does.
bool IsStamped(const FieldDescriptor& field) {
  return field.containing_type() == ConsentPurpose::descriptor() &&
         field.number() == ConsentPurpose::kTimestampUnixtimeMsFieldNumber;
}

bool IsOfPreset(const ConfigNode& origin) {
  return absl::StartsWith(origin.file(), kPresetFilePrefix);
}

const FieldMapping* FindMapping(const std::vector<FieldMapping>& mappings,
                                absl::string_view target) {
  for (const FieldMapping& mapping : mappings) {
    if (!mapping.remove && mapping.target == target) return &mapping;
  }
  return nullptr;
}

// An error about `mapper`, which is not the only one that writes below `path`.
absl::Status ErrorAbout(const FieldMapper& mapper, absl::string_view path,
                        const MapperOrigins& origins,
                        const std::string& message) {
  const EventMapping* event = origins.event;
  const FieldMapping* own = event == nullptr
                                ? nullptr
                                : FindMapping(event->mappings, mapper.target());
  if (own == nullptr) own = FindMapping(origins.global, mapper.target());
  if (own != nullptr && !IsOfPreset(own->origin)) {
    return own->origin.Error(message);
  }
  if (event != nullptr && !IsOfPreset(event->origin)) {
    return event->origin.Error(message);
  }
  // The preset's own event: what the user added to all events is in its way.
  for (auto global = origins.global.rbegin(); global != origins.global.rend();
       ++global) {
    if (IsOfPreset(global->origin) || !IsAtOrBelow(global->target, path)) {
      continue;
    }
    return global->origin.Error(
        event == nullptr
            ? message
            : absl::StrCat("with the event \"", event->name, "\" ", message));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(mapper.location(), ": ", message));
}

}  // namespace

bool IsAtOrBelow(absl::string_view target, absl::string_view path) {
  return absl::StartsWith(target, path) &&
         (target.size() == path.size() || target[path.size()] == '.' ||
          target[path.size()] == '[');
}

const FieldMapper* FindMapper(const std::vector<FieldMapper>& mappers,
                              absl::string_view path) {
  for (const FieldMapper& mapper : mappers) {
    if (IsAtOrBelow(mapper.target(), path)) return &mapper;
  }
  return nullptr;
}

std::vector<std::string> CommerceParts() {
  std::vector<std::string> names;
  for (const int part : {CommerceEventData::kProductActionFieldNumber,
                         CommerceEventData::kPromotionActionFieldNumber,
                         CommerceEventData::kProductImpressionsFieldNumber}) {
    names.push_back(
        CommerceEventData::descriptor()->FindFieldByNumber(part)->name());
  }
  return names;
}

absl::Status CheckRequiredFields(const FieldDescriptor& kind,
                                 const EventMapping& mapping,
                                 const std::vector<FieldMapper>& mappers) {
  const google::protobuf::Descriptor& data = *kind.message_type();
  const auto is_mapped = [&](const std::string& field) {
    return FindMapper(mappers, absl::StrCat(EventPrefix(), field)) != nullptr;
  };
  for (int i = 0; i < data.field_count(); ++i) {
    const FieldDescriptor& field = *data.field(i);
    if (!IsRequired(field) || is_mapped(field.name())) continue;
    const std::string target = absl::StrCat(EventPrefix(), field.name());
    return mapping.origin.Error(absl::StrCat(
        "a ", kind.name(), " needs \"", target, "\"; ",
        target == kEventNameTarget ? "say vendor_event_name, or " : "",
        "add a mapping to it"));
  }
  if (&data != CommerceEventData::descriptor()) return absl::OkStatus();
  int fixed_parts = 0;
  bool any_part = false;
  for (const std::string& part : CommerceParts()) {
    any_part = any_part || is_mapped(part);
    const std::string path = absl::StrCat(EventPrefix(), part);
    fixed_parts += std::any_of(
        mappers.begin(), mappers.end(), [&](const FieldMapper& mapper) {
          return mapper.is_fixed() && IsAtOrBelow(mapper.target(), path);
        });
  }
  if (fixed_parts > 1) {
    return mapping.origin.Error(absl::StrCat(
        "a commerce_event has exactly one of ",
        absl::StrJoin(CommerceParts(), ", "), "; remove the fixed values of ",
        fixed_parts == 2 ? "one" : "two"));
  }
  if (any_part) return absl::OkStatus();
  return mapping.origin.Error(
      "a commerce_event needs data.product_action, data.promotion_action or "
      "data.product_impressions; add, for example, {target: "
      "data.product_action.action, value: view_detail}");
}

absl::Status CheckParts(const std::vector<FieldMapper>& mappers,
                        const MapperOrigins& origins) {
  for (const FieldMapper& mapper : mappers) {
    for (const TargetPath::Part& part : mapper.target_path().parts()) {
      for (int i = 0; i < part.type->field_count(); ++i) {
        const FieldDescriptor& field = *part.type->field(i);
        const std::string path = absl::StrCat(part.path, ".", field.name());
        if (!IsRequired(field) || IsStamped(field) ||
            FindMapper(mappers, path) != nullptr) {
          continue;
        }
        return ErrorAbout(
            mapper, part.path, origins,
            absl::StrCat("mParticle takes \"", part.path, "\" only with \"",
                         field.name(), "\"; add a mapping to \"", path, "\""));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAttributeCounts(const std::vector<FieldMapper>& mappers,
                                  const MapperOrigins& origins) {
  absl::flat_hash_map<const FieldDescriptor*, int> counts;
  for (const FieldMapper& mapper : mappers) {
    const FieldDescriptor* map = mapper.target_path().map();
    if (map == nullptr) continue;
    const int max_items = CollectionRulesOf(*map).max_items;
    if (max_items > 0 && ++counts[map] > max_items) {
      const std::string& target = mapper.target();
      const size_t entry_size = mapper.target_path().entry().size();
      const std::string path = target.substr(0, target.size() - entry_size - 1);
      return ErrorAbout(
          mapper, path, origins,
          absl::StrCat("a mapping to \"", target,
                       "\" would be one more than the ", max_items, " ",
                       map->name(), " that mParticle takes; remove one"));
    }
  }
  return absl::OkStatus();
}

}  // namespace signal_delivery::mapping
