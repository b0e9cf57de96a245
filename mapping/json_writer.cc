#include "mapping/json_writer.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/json_tables.h"
#include "mapping/json_text.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;

// Maps of up to so many entries are sorted without an allocation.
constexpr size_t kEntriesOnStack = 16;

constexpr int kNoIndex = -1;

// Writes one message. A function that returns false has failed: what is the
// matter is in problem_, and on the way out every level puts its own name in
// front of path_.
class Writing {
 public:
  explicit Writing(std::string* out) : out_(*out) {}

  bool WriteMessage(const JsonMessageTable& table, const pb::Message& message);

  absl::Status status() const {
    return absl::InvalidArgumentError(
        path_.empty() ? problem_ : absl::StrCat(path_, ": ", problem_));
  }

 private:
  bool WriteField(const JsonField& field, const pb::Message& message);
  bool WriteList(const JsonField& field, const pb::Message& message, int size);
  bool WriteMap(const JsonField& field, const pb::Message& message, int size);
  bool WriteValue(const JsonField& field, const pb::Message& message,
                  int index);
  bool WriteEnum(const JsonField& field, int number);

  bool Fail(absl::string_view problem) {
    problem_ = std::string(problem);
    return false;
  }
  bool FailedIn(absl::string_view name) {
    const bool needs_dot = !path_.empty() && path_.front() != '[';
    if (needs_dot) path_.insert(0, ".");
    path_.insert(0, std::string(name));
    return false;
  }
  bool FailedAt(int index) { return FailedIn(absl::StrCat("[", index, "]")); }

  std::string& out_;
  std::string path_;
  std::string problem_;
};

// The member's field that is to be written; null if there is none.
const JsonField* SetField(const JsonMember& member, const pb::Message& message,
                          const pb::Reflection& reflection) {
  if (member.oneof != nullptr) {
    const pb::FieldDescriptor* set =
        reflection.GetOneofFieldDescriptor(message, member.oneof);
    return set == nullptr ? nullptr : &member.choices[set->index_in_oneof()];
  }
  const JsonField& field = member.choices.front();
  if (field.shape == JsonField::Shape::kSingular) {
    return reflection.HasField(message, field.descriptor) ? &field : nullptr;
  }
  return field.even_if_empty ||
                 reflection.FieldSize(message, field.descriptor) != 0
             ? &field
             : nullptr;
}

bool Writing::WriteMessage(const JsonMessageTable& table,
                           const pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  if (!table.is_inlined) out_.push_back('{');
  bool is_first = true;
  for (const JsonMember& member : table.members) {
    const JsonField* field = SetField(member, message, reflection);
    if (field == nullptr) {
      if (member.must_be_set) return Fail("has no value");
      continue;
    }
    if (table.is_inlined) return WriteField(*field, message);
    out_.append(field->lead, is_first ? 1 : 0);
    is_first = false;
    if (!WriteField(*field, message)) return FailedIn(field->name);
  }
  out_.push_back('}');
  return true;
}

bool Writing::WriteField(const JsonField& field, const pb::Message& message) {
  if (field.shape == JsonField::Shape::kSingular) {
    return WriteValue(field, message, kNoIndex);
  }
  const int size =
      message.GetReflection()->FieldSize(message, field.descriptor);
  return field.shape == JsonField::Shape::kList
             ? WriteList(field, message, size)
             : WriteMap(field, message, size);
}

bool Writing::WriteList(const JsonField& field, const pb::Message& message,
                        int size) {
  out_.push_back('[');
  for (int i = 0; i < size; ++i) {
    if (i != 0) out_.push_back(',');
    if (!WriteValue(field, message, i)) return FailedAt(i);
  }
  out_.push_back(']');
  return true;
}

bool Writing::WriteMap(const JsonField& field, const pb::Message& message,
                       int size) {
  if (field.kind == JsonField::Kind::kUnsupported) {
    return Fail("is a map whose keys are no texts");
  }
  struct Entry {
    absl::string_view key;
    const pb::Message* message;
  };
  absl::InlinedVector<Entry, kEntriesOnStack> entries;
  const JsonField& value = field.map_value.front();
  const pb::FieldDescriptor* key_field =
      field.descriptor->message_type()->map_key();
  std::string scratch;  // left unused: strings of generated code are at hand
  for (int i = 0; i < size; ++i) {
    const pb::Message& entry = message.GetReflection()->GetRepeatedMessage(
        message, field.descriptor, i);
    entries.push_back(
        {entry.GetReflection()->GetStringReference(entry, key_field, &scratch),
         &entry});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });

  out_.push_back('{');
  bool is_first = true;
  for (const auto& [key, entry] : entries) {
    if (!is_first) out_.push_back(',');
    is_first = false;
    if (!AppendJsonString(key, &out_))
      return Fail("has a key that is not UTF-8");
    out_.push_back(':');
    if (!WriteValue(value, *entry, kNoIndex)) return FailedIn(key);
  }
  out_.push_back('}');
  return true;
}

bool Writing::WriteValue(const JsonField& field, const pb::Message& message,
                         int index) {
  const pb::Reflection& get = *message.GetReflection();
  const pb::FieldDescriptor* const f = field.descriptor;
  const bool is_single = index == kNoIndex;
  switch (field.kind) {
    case JsonField::Kind::kString: {
      std::string scratch;
      const std::string& text =
          is_single
              ? get.GetStringReference(message, f, &scratch)
              : get.GetRepeatedStringReference(message, f, index, &scratch);
      return AppendJsonString(text, &out_) || Fail("is not UTF-8");
    }
    case JsonField::Kind::kDouble:
      return AppendJsonNumber(is_single
                                  ? get.GetDouble(message, f)
                                  : get.GetRepeatedDouble(message, f, index),
                              &out_) ||
             Fail("is NaN or infinite");
    case JsonField::Kind::kInt32:
      AppendJsonInteger(is_single ? get.GetInt32(message, f)
                                  : get.GetRepeatedInt32(message, f, index),
                        &out_);
      return true;
    case JsonField::Kind::kInt64:
      AppendJsonInteger(is_single ? get.GetInt64(message, f)
                                  : get.GetRepeatedInt64(message, f, index),
                        &out_);
      return true;
    case JsonField::Kind::kBool: {
      const bool value = is_single ? get.GetBool(message, f)
                                   : get.GetRepeatedBool(message, f, index);
      out_.append(value ? "true" : "false");
      return true;
    }
    case JsonField::Kind::kEnum:
      return WriteEnum(field,
                       is_single ? get.GetEnumValue(message, f)
                                 : get.GetRepeatedEnumValue(message, f, index));
    case JsonField::Kind::kMessage:
      return WriteMessage(*field.message, is_single ? get.GetMessage(message, f)
                                                    : get.GetRepeatedMessage(
                                                          message, f, index));
    case JsonField::Kind::kUnsupported:
      break;
  }
  return Fail("is of a type that has no form in the batch's JSON");
}

bool Writing::WriteEnum(const JsonField& field, int number) {
  // A number below 0 becomes one beyond the end.
  const auto index = static_cast<size_t>(number);
  if (index >= field.spellings.size() || field.spellings[index].empty()) {
    return Fail("is none of the enum's values");
  }
  out_.append(field.spellings[index]);
  return true;
}

}  // namespace

JsonWriter::JsonWriter(const pb::Descriptor* root)
    : tables_(std::make_unique<const JsonTables>(*root)) {}

JsonWriter::~JsonWriter() = default;

absl::Status JsonWriter::Append(const pb::Message& message,
                                std::string* out) const {
  const JsonMessageTable* table = tables_->Find(*message.GetDescriptor());
  if (table == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(message.GetDescriptor()->full_name(),
                     " is not a part of the messages that this writer knows"));
  }
  const size_t size_before = out->size();
  Writing writing(out);
  if (writing.WriteMessage(*table, message)) return absl::OkStatus();
  out->resize(size_before);
  return writing.status();
}

}  // namespace signal_delivery::mapping
