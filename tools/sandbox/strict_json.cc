#include "tools/sandbox/strict_json.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::json;

// The library's own builder of documents, with our two refusals in front.
class StrictBuilder : public nlohmann::detail::json_sax_dom_parser<Json> {
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;

 public:
  explicit StrictBuilder(Json& document)
      : Base(document, /*allow_exceptions_=*/false) {}

  bool start_object(std::size_t size) {
    keys_.emplace_back();
    return Deeper() && Base::start_object(size);
  }
  bool end_object() {
    keys_.pop_back();
    --depth_;
    return Base::end_object();
  }
  bool start_array(std::size_t size) {
    return Deeper() && Base::start_array(size);
  }
  bool end_array() {
    --depth_;
    return Base::end_array();
  }
  bool key(std::string& name) {
    if (!keys_.back().insert(name).second) {
      problem_ = "a key appears twice in one object";
      return false;
    }
    return Base::key(name);
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) {
    // The library's own message quotes the input, which may be personal data.
    problem_ = absl::StrCat("not valid JSON at byte ", position);
    return false;
  }

  const std::string& problem() const { return problem_; }

 private:
  bool Deeper() {
    if (++depth_ <= kMaxJsonDepth) return true;
    problem_ = absl::StrCat("nested deeper than ", kMaxJsonDepth);
    return false;
  }

  std::vector<absl::flat_hash_set<std::string>> keys_;
  int depth_ = 0;
  std::string problem_;
};

}  // namespace

absl::StatusOr<Json> ParseStrictJson(absl::string_view text) {
  Json document;
  StrictBuilder builder(document);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    return absl::InvalidArgumentError(builder.problem());
  }
  return document;
}

}  // namespace signal_delivery::sandbox
