#include "mapping/target_path.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "mapping/batch_schema.h"
#include "mapping/code_points.h"
#include "mapping/nearest_word.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

absl::Status NoSuchField(const Descriptor& message, absl::string_view name,
                         absl::string_view path) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    names.push_back(message.field(i)->name());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no field \"", path, "\"; ", message.name(),
                   " has no \"", name, "\"", Suggestion(name, names)));
}

}  // namespace

absl::StatusOr<TargetPath> TargetPath::Parse(const Descriptor& root,
                                             absl::string_view prefix,
                                             absl::string_view path) {
  TargetPath target;
  const std::vector<std::string> words =
      absl::StrSplit(path.substr(prefix.size()), '.');
  // The first so many words, as the user wrote them.
  const auto start = [&](size_t count) {
    return absl::StrCat(
        prefix, absl::StrJoin(words.begin(), words.begin() + count, "."));
  };
  const Descriptor* message = &root;
  for (size_t i = 0; i < words.size(); ++i) {
    if (message == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "nothing stands below \"", start(i), "\", which is a single value"));
    }
    // A map that is the value of a map has no name of its own in a path.
    const bool is_inlined = IsInlined(*message);
    const FieldDescriptor* field =
        is_inlined ? message->field(0) : message->FindFieldByName(words[i]);
    if (field == nullptr) return NoSuchField(*message, words[i], path);
    if (!field->is_map()) {
      target.steps_.push_back({field});
      message = field->message_type();
      if (message != nullptr && IsAttributeValue(message)) message = nullptr;
      if (message != nullptr && !field->is_repeated()) {
        target.parts_.push_back({start(i + 1), message});
      }
      if (field->is_repeated() && i + 1 < words.size()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "\"", start(i + 1), "\" is a list; map it with \"each\""));
      }
      continue;
    }
    // An entry of a map: its name, and on into its value if that is a message.
    const FieldDescriptor* value = field->message_type()->map_value();
    message = value->message_type();
    if (message != nullptr && IsAttributeValue(message)) message = nullptr;
    if (!is_inlined && ++i == words.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", path, "\" holds entries by name; write ", path, ".NAME"));
    }
    std::string key = words[i];
    if (message == nullptr) {
      key = absl::StrJoin(words.begin() + i, words.end(), ".");
      i = words.size();
    }
    if (key.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", path, "\" ends in an empty name"));
    }
    const int max_length = CollectionRulesOf(*field).max_name_length;
    if (max_length > 0 &&
        FirstCodePoints(key, max_length).size() < key.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the name in \"", path, "\" has more than ", max_length,
                       " characters, the most that mParticle takes"));
    }
    target.steps_.push_back({value, field, std::move(key)});
    if (message != nullptr && !IsInlined(*message)) {
      target.parts_.push_back({start(i + 1), message});
    }
  }
  const FieldDescriptor& leaf = target.leaf();
  if (message != nullptr && !leaf.is_repeated()) {
    if (IsInlined(*message)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", path, "\" holds entries by name; write ", path, ".NAME"));
    }
    std::vector<std::string> names;
    for (int i = 0; i < message->field_count(); ++i) {
      names.push_back(absl::StrCat(path, ".", message->field(i)->name()));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is an object; write one of ",
                     absl::StrJoin(names, ", ")));
  }
  if (message == nullptr && leaf.is_repeated()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", path, "\" is a list of single values, which has no mapping"));
  }
  if (!target.IsListOfObjects()) target.rules_ = RulesOf(leaf);
  return target;
}

bool TargetPath::IsListOfObjects() const { return leaf().is_repeated(); }

Draft& TargetPath::Holder(Draft& root) const {
  Draft* message = &root;
  for (const Step& step : steps_) {
    if (&step == &steps_.back()) break;
    message =
        step.map == nullptr
            ? &message->MessageAt(step.field->number())
            : &message->MessageIn(message->Entry(step.map->number(), step.key));
  }
  return *message;
}

void TargetPath::Set(Draft& root, const FieldValue& value) const {
  Draft& holder = Holder(root);
  SetField(holder, PlaceIn(holder), value);
}

void TargetPath::Set(Draft& root, const Draft::Value& value) const {
  PlaceIn(Holder(root)) = value;
}

Draft::Value& TargetPath::PlaceIn(Draft& holder) const {
  const Step& last = steps_.back();
  return last.map == nullptr ? holder.At(last.field->number())
                             : holder.Entry(last.map->number(), last.key);
}

}  // namespace signal_delivery::mapping
