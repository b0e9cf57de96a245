#ifndef MAPPING_VALUE_RULES_H_
#define MAPPING_VALUE_RULES_H_

#include "google/protobuf/descriptor.h"
#include "mapping/text_format.h"
#include "mapping/value_kinds.h"

namespace signal_delivery::mapping {

// What mParticle demands of a single value, as annotations.proto says. Looked
// up once: it takes too long on the way of an event.
struct ValueRules {
  google::protobuf::FieldDescriptor::CppType type =
      google::protobuf::FieldDescriptor::CPPTYPE_STRING;
  // An attribute that may be a list.
  bool takes_list = false;
  TextFormat format = TextFormat::TEXT_FORMAT_UNSPECIFIED;
  // In code points; 0: any.
  int max_length = 0;
  // Of a list in a user attribute; 0: any.
  int max_items = 0;
  int max_item_length = 0;
  // A time in ms since 1970.
  bool is_time = false;
};

// For a singular field: a scalar, an enum or an attribute's value.
ValueRules RulesOf(const google::protobuf::FieldDescriptor& field);

// The kinds of value that the field takes without a change.
ValueKinds KindsTakenBy(const google::protobuf::FieldDescriptor& field);

// What mParticle demands of the entries of a map, or the items of a list; 0:
// any.
struct CollectionRules {
  int max_items = 0;
  // Of the names in a map.
  int max_name_length = 0;
};
CollectionRules CollectionRulesOf(
    const google::protobuf::FieldDescriptor& field);

// True for the message types that hold one attribute's value.
bool IsAttributeValue(const google::protobuf::Descriptor* message);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_VALUE_RULES_H_
