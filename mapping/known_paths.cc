#include "mapping/known_paths.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "mapping/batch_schema.h"
#include "mapping/ecommerce_nodes.h"
#include "mapping/event_kind.h"
#include "mapping/text_format.h"
#include "mapping/value_kinds.h"
#include "mapping/value_rules.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

std::string NumberText(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) return "a number";
  return RulesOf(field).is_time ? "a time in ms since 1970" : "a whole number";
}

std::string TextDescription(const FieldDescriptor& field) {
  const ValueRules rules = RulesOf(field);
  std::string text = "a text";
  if (rules.format == TextFormat::TEXT_FORMAT_EMAIL) {
    text = "an email address, not a hash";
  } else if (rules.format != TextFormat::TEXT_FORMAT_UNSPECIFIED) {
    text = std::string(DescriptionOf(rules.format));
  }
  if (rules.max_length > 0) {
    absl::StrAppend(&text, ", at most ", rules.max_length, " characters");
  }
  return text;
}

std::string EnumText(const FieldDescriptor& field) {
  std::vector<std::string> spellings;
  for (int i = 1; i < field.enum_type()->value_count(); ++i) {
    spellings.push_back(
        absl::StrCat("`", Spelling(*field.enum_type()->value(i)), "`"));
  }
  return absl::StrCat("one of ", absl::StrJoin(spellings, ", "));
}

std::string ValueText(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TextDescription(field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_BOOL:
      return DescriptionOf(KindsTakenBy(field));
    default:
      return NumberText(field);
  }
}

bool IsObject(const Descriptor* message) {
  return message != nullptr && !IsAttributeValue(message);
}

void AddTargets(const Descriptor& message, const std::string& prefix,
                std::vector<KnownPath>& targets);

void AddTarget(const FieldDescriptor& field, const std::string& prefix,
               std::vector<KnownPath>& targets) {
  std::string path = absl::StrCat(prefix, field.name());
  const FieldDescriptor* value = &field;
  if (field.is_map()) {
    value = field.message_type()->map_value();
    absl::StrAppend(&path, ".NAME");
  } else if (field.is_repeated()) {
    // Lists of single values have no mapping.
    if (IsObject(field.message_type())) {
      targets.push_back({path, absl::StrCat("a list of objects: `each` with "
                                            "the targets of a ",
                                            field.message_type()->name())});
    }
    return;
  }
  if (IsObject(value->message_type()) && IsInlined(*value->message_type())) {
    value = value->message_type()->field(0)->message_type()->map_value();
    absl::StrAppend(&path, ".NAME");
  } else if (IsObject(value->message_type())) {
    AddTargets(*value->message_type(), absl::StrCat(path, "."), targets);
    return;
  }
  targets.push_back({path, ValueText(*value)});
}

void AddTargets(const Descriptor& message, const std::string& prefix,
                std::vector<KnownPath>& targets) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (prefix.empty() && IsReservedTarget(field.name())) continue;
    AddTarget(field, prefix, targets);
  }
}

void AddListedTypes(const Descriptor& message,
                    std::vector<const Descriptor*>& types) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.is_map() || !IsObject(field.message_type())) continue;
    const Descriptor* type = field.message_type();
    if (std::find(types.begin(), types.end(), type) != types.end()) continue;
    if (field.is_repeated()) types.push_back(type);
    AddListedTypes(*type, types);
  }
}

void AddSources(const Descriptor& message, const std::string& prefix,
                std::vector<KnownPath>& sources) {
  namespace signal = ::datafly::signal::v1;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    const Descriptor* type = field.message_type();
    if (IsReadAsProperties(field)) continue;
    if (type == nullptr) {
      sources.push_back({path, "a text"});
    } else if (type == google::protobuf::Timestamp::descriptor()) {
      sources.push_back({path, "a time; needs `transform: date_format`"});
    } else if (type == google::protobuf::Struct::descriptor()) {
      sources.push_back({path, "the object itself, for `each`"});
      const bool has_types =
          field.number() == signal::Event::kPropertiesFieldNumber;
      sources.push_back(
          {absl::StrCat(path, ".KEY"),
           absl::StrCat(
               "what the sender wrote",
               has_types ? ", in `properties` or by type in `ecommerce`" : "",
               "; keys of objects in it follow behind dots")});
    } else if (type == signal::Consent::descriptor()) {
      sources.push_back({absl::StrCat(path, ".CATEGORY"),
                         "a boolean: whether the user granted it"});
    } else {
      AddSources(*type, absl::StrCat(path, "."), sources);
    }
  }
}

}  // namespace

std::vector<KnownPath> KnownSources() {
  std::vector<KnownPath> sources;
  AddSources(*::datafly::signal::v1::Event::descriptor(), "", sources);
  return sources;
}

std::vector<KnownPath> KnownTargets(const Descriptor& message,
                                    const std::string& prefix) {
  std::vector<KnownPath> targets;
  AddTargets(message, prefix, targets);
  return targets;
}

std::vector<const Descriptor*> ListedTypes(const Descriptor& message) {
  std::vector<const Descriptor*> types;
  AddListedTypes(message, types);
  return types;
}

}  // namespace signal_delivery::mapping
