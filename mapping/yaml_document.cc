#include "mapping/yaml_document.h"

#include <yaml-cpp/eventhandler.h>

#include <sstream>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {
namespace {

// Valid YAML that is not taken.
class Refusal : public YAML::Exception {
 public:
  using YAML::Exception::Exception;
};

// Counts the values of documents, each alias as what it stands for.
class ValueCounter : public YAML::EventHandler {
 public:
  // Where the document read last starts.
  const YAML::Mark& start() const { return start_; }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(mark, 1);
    Keep(anchor, 1);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/,
                YAML::anchor_t anchor, const std::string& /*text*/) override {
    OnNull(mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = values_of_.find(anchor);
    if (found == values_of_.end()) {
      throw Refusal(mark, "an alias inside of what it stands for");
    }
    Add(mark, found->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open_.push_back({anchor, values_});
    Add(mark, 1);
  }
  void OnSequenceEnd() override {
    const Collection& closed = open_.back();
    Keep(closed.anchor, values_ - closed.values_before);
    open_.pop_back();
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    OnSequenceStart(mark, tag, anchor, style);
  }
  void OnMapEnd() override { OnSequenceEnd(); }

 private:
  struct Collection {
    YAML::anchor_t anchor;
    size_t values_before;
  };

  void Add(const YAML::Mark& mark, size_t values) {
    values_ += values;
    if (values_ > kMaxYamlValues) {
      throw Refusal(mark, absl::StrCat("more than ", kMaxYamlValues,
                                       " values, those of aliases counted",
                                       " each time"));
    }
  }
  void Keep(YAML::anchor_t anchor, size_t values) {
    if (anchor != YAML::NullAnchor) values_of_[anchor] = values;
  }

  YAML::Mark start_;
  size_t values_ = 0;
  std::vector<Collection> open_;
  absl::flat_hash_map<YAML::anchor_t, size_t> values_of_;
};

// Without YAML::LoadAll, which never ends where a document starts with a comma
// (seen in yaml-cpp 0.7), and before a tree is built of aliases.
void Check(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  ValueCounter counter;
  if (!parser.HandleNextDocument(counter)) return;
  if (!parser.HandleNextDocument(counter)) return;
  const YAML::Mark& second = counter.start();
  if (absl::ClippedSubstr(text, second.pos, 3) == "---") {
    throw Refusal(second,
                  "a second YAML document (after ---); a file holds one");
  }
  throw YAML::ParserException(second, "what stands here belongs to no value");
}

}  // namespace

std::string FormatMark(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return absl::StrCat(file, ":", mark.line + 1, ":", mark.column + 1);
}

absl::StatusOr<YAML::Node> ParseYaml(absl::string_view text,
                                     const std::string& file) {
  try {
    const std::string copy(text);
    Check(copy);
    return YAML::Load(copy);
  } catch (const Refusal& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(FormatMark(file, error.mark), ": ", error.msg));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(
        FormatMark(file, error.mark), ": not valid YAML: ", error.msg));
  }
}

}  // namespace signal_delivery::mapping
