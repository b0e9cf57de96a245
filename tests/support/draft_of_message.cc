#include "tests/support/draft_of_message.h"

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "mapping/json_buffer.h"

namespace signal_delivery::support {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::signal_delivery::mapping::Draft;

void Fill(const Message& message, Draft& draft);

// `index`: in a list; -1 for a field that is none.
Draft::Value ValueOf(const Message& message, const FieldDescriptor& field,
                     int index, Draft& draft) {
  const Reflection& reflection = *message.GetReflection();
  const bool in_list = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return draft.Keep(
          in_list ? reflection.GetRepeatedString(message, &field, index)
                  : reflection.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return in_list ? reflection.GetRepeatedDouble(message, &field, index)
                     : reflection.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{in_list
                         ? reflection.GetRepeatedInt32(message, &field, index)
                         : reflection.GetInt32(message, &field)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{in_list
                         ? reflection.GetRepeatedInt64(message, &field, index)
                         : reflection.GetInt64(message, &field)};
    case FieldDescriptor::CPPTYPE_BOOL:
      return in_list ? reflection.GetRepeatedBool(message, &field, index)
                     : reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{
          in_list ? reflection.GetRepeatedEnumValue(message, &field, index)
                  : reflection.GetEnumValue(message, &field)};
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Draft::Value value;
      Fill(in_list ? reflection.GetRepeatedMessage(message, &field, index)
                   : reflection.GetMessage(message, &field),
           draft.MessageIn(value));
      return value;
    }
    default:
      return std::monostate();
  }
}

void FillMap(const Message& message, const FieldDescriptor& field,
             Draft& draft) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    draft.AddEntry(field.number(),
                   draft.Keep(entry.GetReflection()->GetString(entry, &key))) =
        ValueOf(entry, value, -1, draft);
  }
}

void Fill(const Message& message, Draft& draft) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) {
      FillMap(message, *field, draft);
      continue;
    }
    if (!field->is_repeated()) {
      draft.At(field->number()) = ValueOf(message, *field, -1, draft);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      draft.Add(field->number()) = ValueOf(message, *field, i, draft);
    }
  }
  const auto& unknown = reflection.GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    draft.At(unknown.field(i).number()) = true;
  }
}

}  // namespace

Draft DraftOf(const Message& message, mapping::DraftMemory& memory) {
  Draft draft(memory);
  Fill(message, draft);
  return draft;
}

absl::Status AppendMessage(const mapping::JsonWriter& writer,
                           const Message& message, std::string* out) {
  mapping::DraftMemory memory;
  mapping::JsonBuffer buffer(out->size());
  buffer.Append(*out);
  const absl::Status status = writer.Append(*message.GetDescriptor(),
                                            DraftOf(message, memory), &buffer);
  *out = std::string(buffer.text());
  return status;
}

}  // namespace signal_delivery::support
