#ifndef MAPPING_BATCH_SCHEMA_H_
#define MAPPING_BATCH_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include "absl/strings/string_view.h"
#include "mparticle/events/v2/annotations.pb.h"

// What annotations.proto says about the messages of batch.proto, as functions
// over descriptors. For load time, not for the way of an event: whoever needs
// an answer there asks once and keeps it.
//
// Descriptors must be those of generated code: they, and every text returned
// here, live as long as the process. Thread-safe.
namespace signal_delivery::mapping {

// How the value is spelt in JSON. Empty for an enum's value 0, which only says
// that none is set.
absl::string_view Spelling(const google::protobuf::EnumValueDescriptor& value);

// The value that is spelt so, to the letter; null where there is none.
const google::protobuf::EnumValueDescriptor* FindBySpelling(
    const google::protobuf::EnumDescriptor& type, absl::string_view spelling);

// Whether the message stands in JSON as the value of its one set field.
bool IsInlined(const google::protobuf::Descriptor& message);

// Whether mParticle refuses a message that lacks the field.
bool IsRequired(const google::protobuf::FieldDescriptor& field);

// The syntax of a text field; TEXT_FORMAT_UNSPECIFIED where any text will do.
mparticle::events::v2::TextFormat FormatOf(
    const google::protobuf::FieldDescriptor& field);

// Whether the text is one of the names of which a workspace takes only so many.
bool IsCountedName(const google::protobuf::FieldDescriptor& field);

// The JSON member that says which field of the oneof is set; empty where the
// oneof leaves no trace in JSON.
absl::string_view DiscriminatorOf(
    const google::protobuf::OneofDescriptor& oneof);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_BATCH_SCHEMA_H_
