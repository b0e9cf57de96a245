#ifndef MAPPING_CONFIG_NODE_H_
#define MAPPING_CONFIG_NODE_H_

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {

// A key that a part of a configuration may have. Tables of them are what the
// loader accepts and what the reference page shows.
struct ConfigKey {
  absl::string_view name;
  // What it says, with its values and its default.
  absl::string_view meaning;
};

// A single value of a configuration.
using Scalar = std::variant<bool, double, std::string>;

// A place in a configuration file, read strictly: an unknown key, a key given
// twice and a value of the wrong kind are errors that say where they are and
// what to write instead, for example
//
//   acme-eu.yaml:4:3: unknown key "api_kee" in parameters; did you mean
//   "api_key"?
//
// A copy is cheap and refers to the same document. Not thread-safe.
class ConfigNode {
 public:
  ConfigNode(const ConfigNode&) = default;
  // A YAML::Node's own assignment would change the document that the left side
  // refers to.
  ConfigNode& operator=(const ConfigNode& other) {
    node_.reset(other.node_);
    mark_ = other.mark_;
    file_ = other.file_;
    path_ = other.path_;
    return *this;
  }

  // Parses `text`. `file` is only used to name the file in errors.
  static absl::StatusOr<ConfigNode> Parse(absl::string_view text,
                                          std::string file);

  // The file's name as it stands in errors.
  const std::string& file() const { return file_; }
  // "file:line:column", 1-based: of the key that leads here, if one does.
  std::string Location() const;

  bool IsMap() const { return node_.IsMap(); }
  bool IsList() const { return node_.IsSequence(); }
  bool IsScalar() const { return node_.IsScalar(); }
  bool IsNull() const { return node_.IsNull(); }

  // OK if this is a map and each of its keys is one of `known`, once.
  absl::Status ExpectKeys(std::initializer_list<absl::string_view> known) const;
  absl::Status ExpectKeys(absl::Span<const ConfigKey> known) const;

  // The value of `key`; nothing if it is absent or null. Only on maps.
  std::optional<ConfigNode> Find(absl::string_view key) const;
  // The same, but a key without a value is an error: for what must not be
  // switched off by an oversight.
  absl::StatusOr<std::optional<ConfigNode>> FindFilled(
      absl::string_view key) const;
  // The same, but an absent key is an error.
  absl::StatusOr<ConfigNode> Require(absl::string_view key) const;

  // The entries of a map in the file's order, and the items of a list.
  absl::StatusOr<std::vector<std::pair<std::string, ConfigNode>>> Entries()
      const;
  absl::StatusOr<std::vector<ConfigNode>> Items() const;

  absl::StatusOr<std::string> AsString() const;
  // `true` or `false`, nothing else.
  absl::StatusOr<bool> AsBool() const;
  absl::StatusOr<int> AsInt(int min, int max) const;
  // A text where it is in quotes, or neither `true`, `false` nor a number as
  // JSON writes it.
  absl::StatusOr<Scalar> AsScalar() const;
  // True for a scalar in quotes: `"2"` is a text where `2` is a number.
  bool IsQuoted() const { return node_.Tag() == "!"; }

  // An error about this place: "file:line:column: key: message".
  absl::Status Error(absl::string_view message) const;
  // "unknown WHAT "word"; did you mean "..."?", the nearest of `known`.
  absl::Status UnknownWord(absl::string_view what, absl::string_view word,
                           const std::vector<std::string>& known) const;

 private:
  // A YAML::Node is a reference to its document's.
  ConfigNode(const YAML::Node& node, const YAML::Mark& mark, std::string file,
             std::string path)
      : node_(node),
        mark_(mark),
        file_(std::move(file)),
        path_(std::move(path)) {}

  absl::Status ExpectKeysOf(const std::vector<std::string>& known) const;
  ConfigNode Child(const YAML::Node& key, const YAML::Node& value) const;

  YAML::Node node_;
  YAML::Mark mark_;
  std::string file_;
  // The keys that lead here, joined with dots; empty at the top of the file.
  std::string path_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_CONFIG_NODE_H_
