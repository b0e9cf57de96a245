#include "mapping/json_writer.h"

#include <algorithm>
#include <cstdint>

#include "absl/container/fixed_array.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "mapping/json_tables.h"
#include "mapping/json_text.h"
#include "mapping/wire_reader.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;

// Wire forms of up to so many bytes, and maps of up to so many entries, are
// handled without an allocation. A batch of one event has some 600 bytes.
constexpr size_t kBytesOnStack = 8192;
constexpr size_t kEntriesOnStack = 16;

// The lowest bits of a tag are the wire type, the others the field's number.
constexpr int kWireTypeBits = 3;

// The number of the value in a map's entry; the key is field 1.
constexpr uint64_t kValueNumber = 2;

// Writes one message. It is given the message's wire form, which generated code
// makes in a fraction of the time that it takes to ask reflection for every
// field: there only what is set appears, in the order of the numbers, the
// elements of a list one after another.
//
// A function that returns false has failed: what is the matter is in problem_,
// and on the way out every level puts its own name in front of path_.
class Writing {
 public:
  explicit Writing(std::string* out) : out_(*out) {}

  bool WriteMessage(const JsonMessageTable& table, absl::string_view bytes);

  absl::Status status() const {
    return absl::InvalidArgumentError(path_.empty() ? problem_
                                                    : path_ + ": " + problem_);
  }

 private:
  // Each of them finds the reader behind the field's tag.
  bool WriteField(const JsonField& field, uint64_t tag, WireReader& reader);
  bool WriteList(const JsonField& field, uint64_t tag, WireReader& reader);
  bool WriteMap(const JsonField& field, uint64_t tag, WireReader& reader);
  bool WriteValue(const JsonField& field, WireReader& reader);
  bool WriteEnum(const JsonField& field, uint64_t number);

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

  std::string& out_;
  std::string path_;
  std::string problem_;
};

bool Writing::WriteMessage(const JsonMessageTable& table,
                           absl::string_view bytes) {
  WireReader reader(bytes);
  uint64_t groups_seen = 0;
  bool is_first = true;
  if (!table.is_inlined) out_.push_back('{');
  while (!reader.AtEnd()) {
    const uint64_t tag = reader.ReadVarint();
    const uint64_t number = tag >> kWireTypeBits;
    if (number >= table.fields.size() || table.fields[number].name.empty()) {
      return Fail("has an unknown field");
    }
    const JsonField& field = table.fields[number];
    if (field.group != JsonField::kNoGroup) {
      groups_seen |= uint64_t{1} << field.group;
    }
    if (table.is_inlined) {
      if (!WriteField(field, tag, reader)) return false;
      continue;
    }
    out_.append(field.lead, is_first ? 1 : 0);
    is_first = false;
    if (!WriteField(field, tag, reader)) return FailIn(field.name);
  }
  for (size_t i = 0; i < table.groups.size(); ++i) {
    if ((groups_seen >> i & 1) != 0) continue;
    const std::string& if_empty = table.groups[i].if_empty;
    if (if_empty.empty()) return Fail("has no value");
    out_.append(if_empty, is_first && !table.is_inlined ? 1 : 0);
    is_first = false;
  }
  if (!table.is_inlined) out_.push_back('}');
  return true;
}

bool Writing::WriteField(const JsonField& field, uint64_t tag,
                         WireReader& reader) {
  switch (field.shape) {
    case JsonField::Shape::kSingular:
      return WriteValue(field, reader);
    case JsonField::Shape::kList:
      return WriteList(field, tag, reader);
    case JsonField::Shape::kMap:
      return WriteMap(field, tag, reader);
  }
  return false;
}

bool Writing::WriteList(const JsonField& field, uint64_t tag,
                        WireReader& reader) {
  char separator = '[';
  int index = 0;
  do {
    out_.push_back(separator);
    separator = ',';
    if (!WriteValue(field, reader)) {
      return FailIn("[" + std::to_string(index) + "]");
    }
    ++index;
  } while (reader.Skip(tag));
  out_.push_back(']');
  return true;
}

bool Writing::WriteMap(const JsonField& field, uint64_t tag,
                       WireReader& reader) {
  struct Entry {
    absl::string_view key;
    WireReader value;  // behind the value's tag
  };
  if (field.kind == JsonField::Kind::kUnsupported) {
    return Fail("is a map whose keys are no texts");
  }
  absl::InlinedVector<Entry, kEntriesOnStack> entries;
  do {
    // Generated code writes key and value, in this order, even if empty.
    WireReader entry(reader.ReadBytes());
    entry.ReadVarint();
    const absl::string_view key = entry.ReadBytes();
    entry.ReadVarint();
    entries.push_back({key, entry});
  } while (reader.Skip(tag));
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });

  const JsonField& value = field.message->fields[kValueNumber];
  char separator = '{';
  for (Entry& entry : entries) {
    out_.push_back(separator);
    separator = ',';
    if (!AppendJsonString(entry.key, &out_)) {
      return Fail("has a key that is not UTF-8");
    }
    out_.push_back(':');
    if (!WriteValue(value, entry.value)) return FailIn(entry.key);
  }
  out_.push_back('}');
  return true;
}

bool Writing::WriteValue(const JsonField& field, WireReader& reader) {
  switch (field.kind) {
    case JsonField::Kind::kString:
      return AppendJsonString(reader.ReadBytes(), &out_) ||
             Fail("is not UTF-8");
    case JsonField::Kind::kDouble:
      return AppendJsonNumber(reader.ReadDouble(), &out_) ||
             Fail("is NaN or infinite");
    case JsonField::Kind::kInteger:
      // 32-bit integers are 64 bits wide there too.
      AppendJsonInteger(static_cast<int64_t>(reader.ReadVarint()), &out_);
      return true;
    case JsonField::Kind::kBool:
      out_.append(reader.ReadVarint() != 0 ? "true" : "false");
      return true;
    case JsonField::Kind::kEnum:
      return WriteEnum(field, reader.ReadVarint());
    case JsonField::Kind::kMessage:
      return WriteMessage(*field.message, reader.ReadBytes());
    case JsonField::Kind::kUnsupported:
      break;
  }
  return Fail("is of a type that has no form in the batch's JSON");
}

bool Writing::WriteEnum(const JsonField& field, uint64_t number) {
  // A number below 0 is there one beyond all others.
  if (number >= field.spellings.size() || field.spellings[number].empty()) {
    return Fail("is none of the enum's values");
  }
  out_.append(field.spellings[number]);
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
        message.GetDescriptor()->full_name() +
        " is not one of the messages that this writer knows");
  }
  absl::FixedArray<uint8_t, kBytesOnStack> wire(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(wire.data());

  const size_t size_before = out->size();
  Writing writing(out);
  if (writing.WriteMessage(
          *table, {reinterpret_cast<const char*>(wire.data()), wire.size()})) {
    return absl::OkStatus();
  }
  out->resize(size_before);
  return writing.status();
}

}  // namespace signal_delivery::mapping
