// Takes JSON documents from a text, one after the other. Used by signal_json
// only.
#ifndef MAPPING_JSON_DOCUMENTS_H_
#define MAPPING_JSON_DOCUMENTS_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// Whitespace between documents is skipped, and so is a byte order mark at the
// start. Not thread-safe. Borrows the text.
class JsonDocuments {
 public:
  explicit JsonDocuments(absl::string_view text);

  JsonDocuments(const JsonDocuments&) = delete;
  JsonDocuments& operator=(const JsonDocuments&) = delete;

  bool AtEnd() const { return next_ == text_.size(); }

  // The line, from 1, on which the next document starts.
  std::size_t Line() const { return LineAt(next_); }

  // The next document. INVALID_ARGUMENT with line and column, and never with
  // the text itself, where it is not JSON or not UTF-8; the reader is of no use
  // after that.
  absl::StatusOr<nlohmann::json> Next();

 private:
  void SkipWhitespace();
  std::size_t LineAt(std::size_t offset) const;
  std::size_t ColumnAt(std::size_t offset) const;

  const absl::string_view text_;
  std::istringstream stream_;  // what the parser reads from: a copy of text_
  std::size_t next_ = 0;       // where the next document starts in text_
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_JSON_DOCUMENTS_H_
