#include "mapping/value_rules.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "mapping/batch_schema.h"
#include "mparticle/events/v2/annotations.pb.h"
#include "mparticle/events/v2/values.pb.h"

namespace signal_delivery::mapping {
namespace {

namespace v2 = ::mparticle::events::v2;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

// How mParticle names its times: timestamp_unixtime_ms, added_to_cart_time_ms.
// Durations end in _ms too, but not in this.
constexpr absl::string_view kTimeSuffix = "time_ms";

int MaxLength(const FieldDescriptor& field) {
  return field.options().GetExtension(v2::max_length);
}

}  // namespace

ValueRules RulesOf(const FieldDescriptor& field) {
  ValueRules rules;
  rules.type = field.cpp_type();
  rules.takes_list =
      field.message_type() == v2::UserAttributeValue::descriptor();
  if (IsAttributeValue(field.message_type())) {
    const FieldDescriptor& items =
        *v2::AttributeList::descriptor()->FindFieldByNumber(
            v2::AttributeList::kValuesFieldNumber);
    rules.max_length =
        MaxLength(*field.message_type()->FindFieldByName("string_value"));
    rules.max_items = CollectionRulesOf(items).max_items;
    rules.max_item_length = MaxLength(items);
    return rules;
  }
  rules.format = FormatOf(field);
  rules.max_length = MaxLength(field);
  rules.is_time = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 &&
                  absl::EndsWith(field.name(), kTimeSuffix);
  return rules;
}

ValueKinds KindsTakenBy(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_ENUM:
      return kText;
    case FieldDescriptor::CPPTYPE_BOOL:
      return kBoolean;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type() == v2::UserAttributeValue::descriptor()
                 ? kSingleValue | kList
                 : kSingleValue;
    default:
      return kNumber;
  }
}

CollectionRules CollectionRulesOf(const FieldDescriptor& field) {
  return {field.options().GetExtension(v2::max_items),
          field.options().GetExtension(v2::max_name_length)};
}

bool IsAttributeValue(const Descriptor* message) {
  return message == v2::AttributeValue::descriptor() ||
         message == v2::UserAttributeValue::descriptor();
}

}  // namespace signal_delivery::mapping
