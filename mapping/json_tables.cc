#include "mapping/json_tables.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "mapping/batch_schema.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;

using Shape = JsonField::Shape;
using Kind = JsonField::Kind;

Shape ShapeOf(const pb::FieldDescriptor& field) {
  if (field.is_map()) return Shape::kMap;
  return field.is_repeated() ? Shape::kList : Shape::kSingular;
}

Kind KindOf(const pb::FieldDescriptor& field) {
  // The wire form packs numbers in a list; the batch schema has no such list.
  if (field.is_packable()) return Kind::kUnsupported;
  if (field.is_map() && field.message_type()->map_key()->type() !=
                            pb::FieldDescriptor::TYPE_STRING) {
    return Kind::kUnsupported;
  }
  switch (field.type()) {
    case pb::FieldDescriptor::TYPE_STRING:
      return Kind::kString;
    case pb::FieldDescriptor::TYPE_DOUBLE:
      return Kind::kDouble;
    case pb::FieldDescriptor::TYPE_INT32:
    case pb::FieldDescriptor::TYPE_INT64:
      return Kind::kInteger;
    case pb::FieldDescriptor::TYPE_BOOL:
      return Kind::kBool;
    case pb::FieldDescriptor::TYPE_ENUM:
      return Kind::kEnum;
    case pb::FieldDescriptor::TYPE_MESSAGE:
      return Kind::kMessage;
    default:
      return Kind::kUnsupported;
  }
}

// Names and spellings are identifiers: nothing in them needs an escape.
std::string Quoted(absl::string_view text) {
  return '"' + std::string(text) + '"';
}

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

// The oneof that the field is one choice of; null for a field of its own.
const pb::OneofDescriptor* OneofOf(const pb::FieldDescriptor& field) {
  return field.real_containing_oneof();
}

bool MustStandInJson(const pb::FieldDescriptor& field) {
  const bool is_inlined = IsInlined(*field.containing_type());
  if (const pb::OneofDescriptor* oneof = OneofOf(field)) {
    return is_inlined || !DiscriminatorOf(*oneof).empty();
  }
  return is_inlined || (field.is_repeated() && IsRequired(field));
}

std::string IfEmpty(const pb::FieldDescriptor& field, const JsonField& built) {
  if (!field.is_repeated()) return {};
  const char* value = field.is_map() ? "{}" : "[]";
  return IsInlined(*field.containing_type()) ? value : built.lead + value;
}

}  // namespace

JsonTables::JsonTables(const pb::Descriptor& root) { Build(root); }

const JsonMessageTable* JsonTables::Find(const pb::Descriptor& message) const {
  const auto found = tables_.find(&message);
  return found == tables_.end() ? nullptr : found->second.get();
}

JsonField JsonTables::BuildField(const pb::FieldDescriptor& field) {
  const pb::OneofDescriptor* oneof = OneofOf(field);
  const absl::string_view discriminator =
      oneof == nullptr ? absl::string_view() : DiscriminatorOf(*oneof);

  JsonField built;
  built.shape = ShapeOf(field);
  built.kind = KindOf(field);
  built.name = discriminator.empty() ? field.name() : oneof->name();
  if (!discriminator.empty()) {
    built.lead = "," + Quoted(discriminator) + ":" + Quoted(field.name());
  }
  built.lead += "," + Quoted(built.name) + ":";
  if (built.kind == Kind::kEnum) {
    built.spellings = QuotedSpellings(*field.enum_type());
  } else if (built.kind == Kind::kMessage) {
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
    JsonField built = BuildField(field);
    if (MustStandInJson(field)) {
      // The fields of a oneof stand together in their message.
      const bool joins_last =
          OneofOf(field) != nullptr && OneofOf(field)->field(0) != &field;
      if (!joins_last) table->groups.push_back({IfEmpty(field, built)});
      built.group = static_cast<int>(table->groups.size()) - 1;
    }
    const auto number = static_cast<size_t>(field.number());
    if (number >= table->fields.size()) table->fields.resize(number + 1);
    table->fields[number] = std::move(built);
  }
  return table;
}

}  // namespace signal_delivery::mapping
