#include "mapping/json_writer.h"

#include <algorithm>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "mapping/json_buffer.h"
#include "mapping/json_tables.h"
#include "mapping/json_text.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;

// Maps of up to so many entries are sorted without an allocation.
constexpr size_t kEntriesOnStack = 32;

// The number of the value in a map's entry; the key is field 1.
constexpr size_t kValueNumber = 2;

// Writes one message.
//
// A function that returns false has failed: what is the matter is in problem_,
// and on the way out every level puts its own name in front of path_.
class Writing {
 public:
  explicit Writing(JsonBuffer* out) : out_(*out) {}

  bool WriteMessage(const JsonMessageTable& table, const Draft& draft);

  absl::Status status() const {
    return absl::InvalidArgumentError(path_.empty() ? problem_
                                                    : path_ + ": " + problem_);
  }

 private:
  bool WriteField(const JsonField& field, const Draft::Value& value);
  bool WriteList(const JsonField& field, const Draft::List& list);
  bool WriteMap(const JsonField& field, const Draft::List& map);
  bool WriteMembers(Draft::Members members);
  bool WriteNode(const Node& node);
  bool WriteValue(const JsonField& field, const Draft::Value& value);
  bool WriteEnum(const JsonField& field, int64_t number);
  // An attribute that is no list.
  bool WriteAttribute(const Draft::Value& value);
  bool WriteText(absl::string_view text) {
    return WriteString(text) || Fail("is not UTF-8");
  }
  // False where it is not UTF-8.
  bool WriteString(absl::string_view text);
  bool WriteNumber(double value);
  void WriteInteger(int64_t value) {
    out_.EndAt(WriteJsonInteger(value, out_.Room(kJsonNumberRoom)));
  }
  void WriteBoolean(bool value) { out_.Append(value ? "true" : "false"); }

  bool Fail(absl::string_view problem) {
    problem_ = std::string(problem);
    return false;
  }
  bool FailIn(absl::string_view name) {
    const bool needs_dot = !path_.empty() && path_.front() != '[';
    if (needs_dot) path_.insert(0, ".");
    path_.insert(0, std::string(name));
    return false;
  }

  JsonBuffer& out_;
  std::string path_;
  std::string problem_;
};

bool Writing::WriteMessage(const JsonMessageTable& table, const Draft& draft) {
  uint64_t groups_seen = 0;
  bool is_first = true;
  if (!table.is_inlined) out_.Append('{');
  for (const Draft::Field* set = draft.first(); set != nullptr;
       set = set->next) {
    const auto number = static_cast<size_t>(set->number);
    if (number >= table.fields.size() || table.fields[number].name.empty()) {
      return Fail("has an unknown field");
    }
    const JsonField& field = table.fields[number];
    if (field.group != JsonField::kNoGroup) {
      groups_seen |= uint64_t{1} << field.group;
    }
    if (table.is_inlined) {
      if (!WriteField(field, set->value)) return false;
      continue;
    }
    out_.Append(absl::string_view(field.lead).substr(is_first ? 1 : 0));
    is_first = false;
    if (!WriteField(field, set->value)) return FailIn(field.name);
  }
  for (size_t i = 0; i < table.groups.size(); ++i) {
    if ((groups_seen >> i & 1) != 0) continue;
    const std::string& if_empty = table.groups[i].if_empty;
    if (if_empty.empty()) return Fail("has no value");
    out_.Append(absl::string_view(if_empty).substr(
        is_first && !table.is_inlined ? 1 : 0));
    is_first = false;
  }
  if (!table.is_inlined) out_.Append('}');
  return true;
}

bool Writing::WriteField(const JsonField& field, const Draft::Value& value) {
  switch (field.shape) {
    case JsonField::Shape::kSingular:
      return WriteValue(field, value);
    case JsonField::Shape::kList:
      return WriteList(field, *std::get<Draft::List*>(value));
    case JsonField::Shape::kMap:
      if (const auto* members = std::get_if<Draft::Members>(&value)) {
        return WriteMembers(*members);
      }
      return WriteMap(field, *std::get<Draft::List*>(value));
  }
  return false;
}

bool Writing::WriteList(const JsonField& field, const Draft::List& list) {
  char separator = '[';
  int index = 0;
  for (const Draft::Item* item = list.first; item != nullptr;
       item = item->next, ++index) {
    out_.Append(separator);
    separator = ',';
    if (!WriteValue(field, item->value)) {
      return FailIn("[" + std::to_string(index) + "]");
    }
  }
  out_.Append(']');
  return true;
}

bool Writing::WriteMap(const JsonField& field, const Draft::List& map) {
  if (field.kind == JsonField::Kind::kUnsupported) {
    return Fail("is a map whose keys are no texts");
  }
  absl::InlinedVector<const Draft::Item*, kEntriesOnStack> entries;
  for (const Draft::Item* entry = map.first; entry != nullptr;
       entry = entry->next) {
    entries.push_back(entry);
  }
  const auto by_key = [](const Draft::Item* a, const Draft::Item* b) {
    return a->key < b->key;
  };
  // They mostly are: leftovers come sorted.
  if (!std::is_sorted(entries.begin(), entries.end(), by_key)) {
    std::sort(entries.begin(), entries.end(), by_key);
  }

  const JsonField& value = field.message->fields[kValueNumber];
  char separator = '{';
  for (const Draft::Item* entry : entries) {
    out_.Append(separator);
    separator = ',';
    if (!WriteString(entry->key)) return Fail("has a key that is not UTF-8");
    out_.Append(':');
    if (!WriteValue(value, entry->value)) return FailIn(entry->key);
  }
  out_.Append('}');
  return true;
}

bool Writing::WriteMembers(Draft::Members members) {
  char separator = '{';
  for (const Member* member : members) {
    out_.Append(separator);
    separator = ',';
    if (!WriteString(member->name)) return Fail("has a key that is not UTF-8");
    out_.Append(':');
    if (!WriteNode(member->node)) return FailIn(member->name);
  }
  out_.Append('}');
  return true;
}

bool Writing::WriteNode(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::kText:
      return WriteText(node.text());
    case Node::Kind::kNumber:
      return WriteNumber(node.number());
    case Node::Kind::kBoolean:
      WriteBoolean(node.boolean());
      return true;
    default:
      return Fail("is no attribute");
  }
}

bool Writing::WriteValue(const JsonField& field, const Draft::Value& value) {
  switch (field.kind) {
    case JsonField::Kind::kString:
      return WriteText(std::get<absl::string_view>(value));
    case JsonField::Kind::kDouble:
      return WriteNumber(std::get<double>(value));
    case JsonField::Kind::kInteger:
      WriteInteger(std::get<int64_t>(value));
      return true;
    case JsonField::Kind::kBool:
      WriteBoolean(std::get<bool>(value));
      return true;
    case JsonField::Kind::kEnum:
      return WriteEnum(field, std::get<int64_t>(value));
    case JsonField::Kind::kMessage:
      if (field.message->is_inlined && !std::holds_alternative<Draft*>(value)) {
        return WriteAttribute(value);
      }
      return WriteMessage(*field.message, *std::get<Draft*>(value));
    case JsonField::Kind::kUnsupported:
      break;
  }
  return Fail("is of a type that has no form in the batch's JSON");
}

bool Writing::WriteAttribute(const Draft::Value& value) {
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    return WriteText(*text);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return WriteNumber(*number);
  }
  WriteBoolean(std::get<bool>(value));
  return true;
}

bool Writing::WriteString(absl::string_view text) {
  const char* end =
      WriteJsonString(text, out_.Room(JsonStringRoom(text.size())));
  if (end == nullptr) return false;
  out_.EndAt(end);
  return true;
}

bool Writing::WriteNumber(double value) {
  const char* end = WriteJsonNumber(value, out_.Room(kJsonNumberRoom));
  if (end == nullptr) return Fail("is NaN or infinite");
  out_.EndAt(end);
  return true;
}

bool Writing::WriteEnum(const JsonField& field, int64_t number) {
  // A number below 0 is there one beyond all others.
  const auto index = static_cast<size_t>(number);
  if (index >= field.spellings.size() || field.spellings[index].empty()) {
    return Fail("is none of the enum's values");
  }
  out_.Append(field.spellings[index]);
  return true;
}

}  // namespace

JsonWriter::JsonWriter(const pb::Descriptor* root)
    : tables_(std::make_unique<const JsonTables>(*root)) {}

JsonWriter::~JsonWriter() = default;

absl::Status JsonWriter::Append(const pb::Descriptor& type, const Draft& draft,
                                JsonBuffer* out) const {
  const JsonMessageTable* table = tables_->Find(type);
  if (table == nullptr) {
    return absl::InvalidArgumentError(
        type.full_name() +
        " is not one of the messages that this writer knows");
  }
  const size_t size_before = out->size();
  Writing writing(out);
  if (writing.WriteMessage(*table, draft)) return absl::OkStatus();
  out->Truncate(size_before);
  return writing.status();
}

}  // namespace signal_delivery::mapping
