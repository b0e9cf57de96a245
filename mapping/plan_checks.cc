#include "mapping/plan_checks.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "mapping/batch_schema.h"
#include "mapping/event_kind.h"
#include "mapping/value_rules.h"
#include "mparticle/events/v2/commerce_event.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::mparticle::events::v2::CommerceEventData;

bool IsAtOrBelow(absl::string_view target, absl::string_view path) {
  return absl::StartsWith(target, path) &&
         (target.size() == path.size() || target[path.size()] == '.');
}

}  // namespace

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
    return mapping.origin.Error(absl::StrCat(
        "a ", kind.name(), " needs \"", EventPrefix(), field.name(), "\"; ",
        field.name() == "event_name" ? "say vendor_event_name, or " : "",
        "add a mapping to it"));
  }
  if (&data != CommerceEventData::descriptor()) return absl::OkStatus();
  for (const std::string& part : CommerceParts()) {
    if (is_mapped(part)) return absl::OkStatus();
  }
  return mapping.origin.Error(
      "a commerce_event needs data.product_action, data.promotion_action or "
      "data.product_impressions; add, for example, {target: "
      "data.product_action.action, value: view_detail}");
}

absl::Status CheckAttributeCounts(const std::vector<FieldMapper>& mappers) {
  absl::flat_hash_map<const FieldDescriptor*, int> counts;
  for (const FieldMapper& mapper : mappers) {
    const FieldDescriptor* map = mapper.target_path().map();
    if (map == nullptr) continue;
    const int max_items = CollectionRulesOf(*map).max_items;
    if (max_items > 0 && ++counts[map] > max_items) {
      return absl::InvalidArgumentError(
          absl::StrCat(mapper.location(), ": a mapping to \"", mapper.target(),
                       "\" would be one more than the ", max_items, " ",
                       map->name(), " that mParticle takes; remove one"));
    }
  }
  return absl::OkStatus();
}

}  // namespace signal_delivery::mapping
