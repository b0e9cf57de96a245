#include "mapping/required_fields.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/batch_schema.h"
#include "mparticle/events/v2/commerce_event.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::mparticle::events::v2::CommerceEventData;

int CommerceParts(const CommerceEventData& data) {
  return (data.has_product_action() ? 1 : 0) +
         (data.has_promotion_action() ? 1 : 0) +
         (data.product_impressions_size() > 0 ? 1 : 0);
}

// The message at `index` of a repeated field; for a map, the entry's value.
Message* Item(Message& message, const FieldDescriptor& field, int index,
              std::string* step) {
  Message* item =
      message.GetReflection()->MutableRepeatedMessage(&message, &field, index);
  if (!field.is_map()) {
    *step = absl::StrCat("[", index, "]");
    return item;
  }
  const Reflection& entry = *item->GetReflection();
  *step = absl::StrCat(".",
                       entry.GetString(*item, field.message_type()->map_key()));
  return entry.MutableMessage(item, field.message_type()->map_value());
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

bool RequiredFields::Learn(const Descriptor& type) {
  if (const auto known = rules_.find(&type); known != rules_.end()) {
    return !known->second.required.empty() || !known->second.parts.empty();
  }
  rules_[&type];  // Ends the recursion should a type contain itself.
  Rules rules;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (IsRequired(*field)) rules.required.push_back(field);
    const Descriptor* part = PartType(*field);
    if (part != nullptr && Learn(*part)) rules.parts.push_back(field);
  }
  const bool demands = !rules.required.empty() || !rules.parts.empty() ||
                       &type == CommerceEventData::descriptor();
  rules_[&type] = std::move(rules);
  return demands;
}

std::vector<std::string> RequiredFields::Enforce(Message& message,
                                                 const std::string& path,
                                                 Findings& findings) const {
  std::vector<std::string> lacking;
  const auto rules = rules_.find(message.GetDescriptor());
  if (rules == rules_.end()) return lacking;
  for (const FieldDescriptor* field : rules->second.parts) {
    EnforceOnParts(message, *field, path, findings);
  }
  const Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : rules->second.required) {
    const bool present = field->is_repeated()
                             ? reflection.FieldSize(message, field) > 0
                             : reflection.HasField(message, field);
    if (!present) lacking.push_back(field->name());
  }
  if (message.GetDescriptor() == CommerceEventData::descriptor()) {
    const int parts =
        CommerceParts(static_cast<const CommerceEventData&>(message));
    if (parts == 0) lacking.push_back("product_action");
    if (parts > 1) {
      findings.violations.push_back(
          {Rule::kCommerceParts, "", path,
           "mParticle takes exactly one of product_action, promotion_action "
           "and product_impressions"});
    }
  }
  return lacking;
}

void RequiredFields::EnforceOnParts(Message& message,
                                    const FieldDescriptor& field,
                                    const std::string& path,
                                    Findings& findings) const {
  const Reflection& reflection = *message.GetReflection();
  const std::string field_path =
      absl::StrCat(path, path.empty() ? "" : ".", field.name());
  if (!field.is_repeated()) {
    if (!reflection.HasField(message, &field)) return;
    const size_t warnings_before = findings.warnings.size();
    Message& part = *reflection.MutableMessage(&message, &field);
    const std::vector<std::string> lacking =
        Enforce(part, field_path, findings);
    if (!lacking.empty()) {
      Warn(Rule::kIncompletePart, nullptr, "", field_path, WhatItLacks(lacking),
           findings);
    }
    // A part that lost all it had must not stay behind as {}.
    const bool lost_all =
        findings.warnings.size() > warnings_before && part.ByteSizeLong() == 0;
    if (!lacking.empty() || lost_all) reflection.ClearField(&message, &field);
    return;
  }
  int kept = 0;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    std::string step;
    Message* item = Item(message, field, i, &step);
    const std::string item_path = absl::StrCat(field_path, step);
    const std::vector<std::string> lacking =
        Enforce(*item, item_path, findings);
    if (lacking.empty()) {
      if (kept != i) reflection.SwapElements(&message, &field, kept, i);
      ++kept;
    } else {
      Warn(Rule::kIncompletePart, nullptr, "", item_path, WhatItLacks(lacking),
           findings);
    }
  }
  while (reflection.FieldSize(message, &field) > kept) {
    reflection.RemoveLast(&message, &field);
  }
}

}  // namespace signal_delivery::mapping
