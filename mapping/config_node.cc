#include "mapping/config_node.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/json_text.h"
#include "mapping/nearest_word.h"
#include "mapping/yaml_document.h"

namespace signal_delivery::mapping {
namespace {

absl::string_view KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a map";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

}  // namespace

absl::StatusOr<ConfigNode> ConfigNode::Parse(absl::string_view text,
                                             std::string file) {
  absl::StatusOr<YAML::Node> root = ParseYaml(text, file);
  if (!root.ok()) return root.status();
  return ConfigNode(*root, root->Mark(), std::move(file), "");
}

std::string ConfigNode::Location() const { return FormatMark(file_, mark_); }

absl::Status ConfigNode::Error(absl::string_view message) const {
  return absl::InvalidArgumentError(absl::StrCat(
      Location(), ": ", path_, path_.empty() ? "" : ": ", message));
}

absl::Status ConfigNode::UnknownWord(
    absl::string_view what, absl::string_view word,
    const std::vector<std::string>& known) const {
  return Error(absl::StrCat("unknown ", what, " \"", word, "\"",
                            Suggestion(word, known)));
}

ConfigNode ConfigNode::Child(const YAML::Node& key,
                             const YAML::Node& value) const {
  return ConfigNode(
      value, key.Mark(), file_,
      absl::StrCat(path_, path_.empty() ? "" : ".", key.Scalar()));
}

absl::Status ConfigNode::ExpectKeys(
    std::initializer_list<absl::string_view> known) const {
  return ExpectKeysOf(std::vector<std::string>(known.begin(), known.end()));
}

absl::Status ConfigNode::ExpectKeys(absl::Span<const ConfigKey> known) const {
  std::vector<std::string> names;
  for (const ConfigKey& key : known) names.emplace_back(key.name);
  return ExpectKeysOf(names);
}

absl::Status ConfigNode::ExpectKeysOf(
    const std::vector<std::string>& known) const {
  absl::StatusOr<std::vector<std::pair<std::string, ConfigNode>>> entries =
      Entries();
  if (!entries.ok()) return entries.status();
  for (const auto& [key, value] : *entries) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      // Where a colon is misplaced, a secret may be part of it.
      const bool is_word = std::all_of(key.begin(), key.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
      });
      if (!is_word) return Error("has a key that is no single word");
      return value.UnknownWord("key", key, known);
    }
  }
  return absl::OkStatus();
}

std::optional<ConfigNode> ConfigNode::Find(absl::string_view key) const {
  if (!node_.IsMap()) return std::nullopt;
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) {
      if (entry.second.IsNull()) return std::nullopt;
      return Child(entry.first, entry.second);
    }
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<ConfigNode>> ConfigNode::FindFilled(
    absl::string_view key) const {
  std::optional<ConfigNode> found = Find(key);
  if (found.has_value() || !node_.IsMap()) return found;
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) {
      return Child(entry.first, entry.second)
          .Error("has no value; write one or leave it out");
    }
  }
  return found;
}

absl::StatusOr<ConfigNode> ConfigNode::Require(absl::string_view key) const {
  if (std::optional<ConfigNode> node = Find(key)) return *std::move(node);
  return Error(absl::StrCat("\"", key, "\" is missing"));
}

absl::StatusOr<std::vector<std::pair<std::string, ConfigNode>>>
ConfigNode::Entries() const {
  std::vector<std::pair<std::string, ConfigNode>> entries;
  if (node_.IsNull()) return entries;
  if (!node_.IsMap()) {
    return Error(absl::StrCat("expected a map, found ", KindOf(node_)));
  }
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) return Error("a key must be a single word");
    const std::string& key = entry.first.Scalar();
    ConfigNode child = Child(entry.first, entry.second);
    for (const auto& [earlier, node] : entries) {
      if (earlier == key) return child.Error("this key is given twice");
    }
    entries.emplace_back(key, std::move(child));
  }
  return entries;
}

absl::StatusOr<std::vector<ConfigNode>> ConfigNode::Items() const {
  std::vector<ConfigNode> items;
  if (node_.IsNull()) return items;
  if (!node_.IsSequence()) {
    return Error(absl::StrCat("expected a list, found ", KindOf(node_)));
  }
  for (size_t i = 0; i < node_.size(); ++i) {
    items.push_back(ConfigNode(node_[i], node_[i].Mark(), file_,
                               absl::StrCat(path_, "[", i, "]")));
  }
  return items;
}

absl::StatusOr<std::string> ConfigNode::AsString() const {
  if (!node_.IsScalar()) {
    return Error(absl::StrCat("expected a text, found ", KindOf(node_)));
  }
  return node_.Scalar();
}

absl::StatusOr<bool> ConfigNode::AsBool() const {
  if (node_.IsScalar() && !IsQuoted()) {
    if (node_.Scalar() == "true") return true;
    if (node_.Scalar() == "false") return false;
  }
  return Error("expected true or false");
}

absl::StatusOr<int> ConfigNode::AsInt(int min, int max) const {
  if (node_.IsScalar() && !IsQuoted()) {
    const std::string& text = node_.Scalar();
    int number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() &&
        number >= min && number <= max) {
      return number;
    }
  }
  return Error(absl::StrCat("expected a whole number from ", min, " to ", max));
}

absl::StatusOr<Scalar> ConfigNode::AsScalar() const {
  absl::StatusOr<std::string> text = AsString();
  if (!text.ok()) return text.status();
  if (!IsQuoted()) {
    if (*text == "true") return Scalar(true);
    if (*text == "false") return Scalar(false);
    // 007 and 1.10 stay as they are written: they may be meant as texts.
    double number;
    std::string written;
    if (absl::SimpleAtod(*text, &number) &&
        AppendJsonNumber(number, &written) && written == *text) {
      return Scalar(number);
    }
  }
  return Scalar(*std::move(text));
}

}  // namespace signal_delivery::mapping
