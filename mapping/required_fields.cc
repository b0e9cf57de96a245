#include "mapping/required_fields.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/batch_schema.h"
#include "mparticle/events/v2/commerce_event.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::mparticle::events::v2::CommerceEventData;

int CommerceParts(const Draft& data) {
  int parts = 0;
  for (const int part : {CommerceEventData::kProductActionFieldNumber,
                         CommerceEventData::kPromotionActionFieldNumber,
                         CommerceEventData::kProductImpressionsFieldNumber}) {
    if (data.Find(part) != nullptr) ++parts;
  }
  return parts;
}

const Descriptor* PartType(const FieldDescriptor& field) {
  if (!field.is_map()) return field.message_type();
  return field.message_type()->map_value()->message_type();
}

std::string WhatItLacks(const std::vector<std::string>& lacking) {
  return absl::StrCat("lacks ", absl::StrJoin(lacking, ", "),
                      ", which mParticle requires; left out");
}

}  // namespace

RequiredFields::RequiredFields(const Descriptor& root) { Learn(root); }

const RequiredFields::Rules& RequiredFields::Learn(const Descriptor& type) {
  const auto [known, is_new] = rules_.try_emplace(&type);
  Rules& rules = known->second;
  if (!is_new) return rules;  // perhaps half learnt yet, by a caller of ours
  rules.is_commerce_event = &type == CommerceEventData::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (IsRequired(*field)) rules.required.push_back(field);
    const Descriptor* part = PartType(*field);
    if (part == nullptr) continue;
    const Rules& below = Learn(*part);
    if (!below.AreNone()) rules.parts.push_back({field, &below});
  }
  return rules;
}

std::vector<std::string> RequiredFields::Enforce(const Descriptor& type,
                                                 Draft& draft,
                                                 const Place* place,
                                                 Findings& findings) const {
  const auto rules = rules_.find(&type);
  if (rules == rules_.end()) return {};
  return Enforce(rules->second, draft, place, findings);
}

std::vector<std::string> RequiredFields::Enforce(const Rules& rules,
                                                 Draft& draft,
                                                 const Place* place,
                                                 Findings& findings) {
  std::vector<std::string> lacking;
  for (const Part& part : rules.parts) {
    EnforceOnPart(part, draft, place, findings);
  }
  for (const FieldDescriptor* field : rules.required) {
    if (draft.Find(field->number()) == nullptr) {
      lacking.push_back(field->name());
    }
  }
  if (rules.is_commerce_event) {
    const int parts = CommerceParts(draft);
    if (parts == 0) lacking.push_back("product_action");
    if (parts > 1) {
      findings.violations.push_back(
          {Rule::kCommerceParts, "", MparticlePath(place, ""),
           "mParticle takes exactly one of product_action, promotion_action "
           "and product_impressions"});
    }
  }
  return lacking;
}

void RequiredFields::EnforceOnPart(const Part& part, Draft& draft,
                                   const Place* place, Findings& findings) {
  const int number = part.field->number();
  if (draft.Find(number) == nullptr) return;
  const Place part_place{place, "", part.field->name()};
  if (part.field->is_repeated()) {
    return EnforceOnItems(part, draft, part_place, findings);
  }
  const size_t warnings_before = findings.warnings.size();
  Draft& message = *draft.FindMessage(number);
  const std::vector<std::string> lacking =
      Enforce(*part.rules, message, &part_place, findings);
  if (!lacking.empty()) {
    Warn(Rule::kIncompletePart, &part_place, "", "", WhatItLacks(lacking),
         findings);
  }
  // A part that lost all it had must not stay behind as {}.
  const bool lost_all =
      findings.warnings.size() > warnings_before && message.IsEmpty();
  if (!lacking.empty() || lost_all) draft.Clear(number);
}

void RequiredFields::EnforceOnItems(const Part& part, Draft& draft,
                                    const Place& list_place,
                                    Findings& findings) {
  int index = -1;
  draft.Filter(part.field->number(), [&](const Draft::Item& item) {
    ++index;
    Place item_place = list_place;
    if (part.field->is_map()) {
      item_place = {&list_place, "", item.key};
    } else {
      item_place.target_index = index;
    }
    const std::vector<std::string> lacking = Enforce(
        *part.rules, *std::get<Draft*>(item.value), &item_place, findings);
    if (lacking.empty()) return true;
    Warn(Rule::kIncompletePart, &item_place, "", "", WhatItLacks(lacking),
         findings);
    return false;
  });
}

}  // namespace signal_delivery::mapping
