#include "mapping/json_tables.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "mapping/batch_schema.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;

JsonField::Shape ShapeOf(const pb::FieldDescriptor& field) {
  if (field.is_map()) return JsonField::Shape::kMap;
  return field.is_repeated() ? JsonField::Shape::kList
                             : JsonField::Shape::kSingular;
}

JsonField::Kind KindOf(const pb::FieldDescriptor& field) {
  switch (field.type()) {
    case pb::FieldDescriptor::TYPE_STRING:
      return JsonField::Kind::kString;
    case pb::FieldDescriptor::TYPE_DOUBLE:
      return JsonField::Kind::kDouble;
    case pb::FieldDescriptor::TYPE_INT32:
      return JsonField::Kind::kInt32;
    case pb::FieldDescriptor::TYPE_INT64:
      return JsonField::Kind::kInt64;
    case pb::FieldDescriptor::TYPE_BOOL:
      return JsonField::Kind::kBool;
    case pb::FieldDescriptor::TYPE_ENUM:
      return JsonField::Kind::kEnum;
    case pb::FieldDescriptor::TYPE_MESSAGE:
      return JsonField::Kind::kMessage;
    default:
      return JsonField::Kind::kUnsupported;
  }
}

// Names and spellings are identifiers: nothing in them needs an escape.
std::string Quoted(absl::string_view text) {
  return '"' + std::string(text) + '"';
}

// By number, so that a value is found without a search. Numbers are small.
std::vector<std::string> QuotedSpellings(const pb::EnumDescriptor& type) {
  std::vector<std::string> quoted;
  for (int i = 0; i < type.value_count(); ++i) {
    const absl::string_view spelling = Spelling(*type.value(i));
    if (spelling.empty()) continue;
    const auto number = static_cast<size_t>(type.value(i)->number());
    if (number >= quoted.size()) quoted.resize(number + 1);
    quoted[number] = Quoted(spelling);
  }
  return quoted;
}

}  // namespace

JsonTables::JsonTables(const pb::Descriptor& root) { Build(root); }

const JsonMessageTable* JsonTables::Find(const pb::Descriptor& message) const {
  const auto found = tables_.find(&message);
  return found == tables_.end() ? nullptr : found->second.get();
}

JsonField JsonTables::BuildField(const pb::FieldDescriptor& field) {
  const pb::OneofDescriptor* oneof = field.real_containing_oneof();
  const absl::string_view discriminator =
      oneof == nullptr ? absl::string_view() : DiscriminatorOf(*oneof);

  JsonField built;
  built.descriptor = &field;
  built.shape = ShapeOf(field);
  built.kind = KindOf(field);
  built.name = discriminator.empty() ? field.name() : oneof->name();
  if (!discriminator.empty()) {
    built.lead = "," + Quoted(discriminator) + ":" + Quoted(field.name());
  }
  built.lead += "," + Quoted(built.name) + ":";
  built.even_if_empty =
      IsRequired(field) || IsInlined(*field.containing_type());
  if (built.shape == JsonField::Shape::kMap) {
    built.map_value.push_back(BuildField(*field.message_type()->map_value()));
    if (KindOf(*field.message_type()->map_key()) != JsonField::Kind::kString) {
      built.kind = JsonField::Kind::kUnsupported;
    }
  } else if (built.kind == JsonField::Kind::kEnum) {
    built.spellings = QuotedSpellings(*field.enum_type());
  } else if (built.kind == JsonField::Kind::kMessage) {
    built.message = Build(*field.message_type());
  }
  return built;
}

const JsonMessageTable* JsonTables::Build(const pb::Descriptor& message) {
  const auto [entry, is_new] = tables_.try_emplace(&message);
  if (is_new) entry->second = std::make_unique<JsonMessageTable>();
  JsonMessageTable* const table = entry->second.get();
  if (!is_new) return table;  // perhaps half built yet, by a caller of ours

  table->is_inlined = IsInlined(message);
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    const pb::OneofDescriptor* oneof = field.real_containing_oneof();
    if (oneof == nullptr || oneof->field(0) == &field) {
      table->members.push_back(
          {.oneof = oneof,
           .choices = {},
           .must_be_set =
               table->is_inlined ||
               (oneof != nullptr && !DiscriminatorOf(*oneof).empty())});
    }
    // The fields of a oneof stand together in its message.
    table->members.back().choices.push_back(BuildField(field));
  }
  return table;
}

}  // namespace signal_delivery::mapping
