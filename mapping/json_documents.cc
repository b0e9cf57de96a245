#include "mapping/json_documents.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::mapping {
namespace {

using ::nlohmann::json;

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";
constexpr char kWhitespace[] = " \t\r\n";

// What the parser says, without its prefix (its own error number, and a
// position within the document) and without the text that it quotes.
std::string Reason(const json::parse_error& error) {
  absl::string_view what = error.what();
  if (const auto at = what.find(": "); at != what.npos) {
    what.remove_prefix(at + 2);
  }
  const auto quote = what.find("; last read: '");
  if (quote == what.npos) return std::string(what);
  const auto expected = what.rfind("'; expected ");
  return absl::StrCat(what.substr(0, quote),
                      expected == what.npos || expected < quote
                          ? absl::string_view()
                          : what.substr(expected + 1));
}

}  // namespace

JsonDocuments::JsonDocuments(absl::string_view text)
    : text_(text), stream_(std::string(text)) {
  if (absl::StartsWith(text_, kByteOrderMark)) {
    next_ = sizeof(kByteOrderMark) - 1;
  }
  SkipWhitespace();
}

absl::StatusOr<json> JsonDocuments::Next() {
  json document;
  // The parser reports through exceptions. None leaves this function.
  try {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(next_));
    stream_ >> document;
  } catch (const json::parse_error& error) {
    // `byte` counts from 1, and from this document's start.
    const std::size_t at = std::min(
        next_ + std::max<std::size_t>(error.byte, 1) - 1, text_.size());
    return absl::InvalidArgumentError(
        absl::StrCat("line ", LineAt(at), ", column ", ColumnAt(at),
                     ": not JSON: ", Reason(error)));
  } catch (const json::out_of_range&) {
    return absl::InvalidArgumentError(
        absl::StrCat("a number is larger than a double can hold, in the JSON "
                     "that starts at line ",
                     Line()));
  }
  const auto end = stream_.tellg();
  next_ = end < 0 ? text_.size() : static_cast<std::size_t>(end);
  SkipWhitespace();
  return document;
}

void JsonDocuments::SkipWhitespace() {
  next_ = std::min(text_.find_first_not_of(kWhitespace, next_), text_.size());
}

std::size_t JsonDocuments::LineAt(std::size_t offset) const {
  return 1 + std::count(text_.begin(), text_.begin() + offset, '\n');
}

std::size_t JsonDocuments::ColumnAt(std::size_t offset) const {
  const auto newline = text_.substr(0, offset).rfind('\n');
  return newline == text_.npos ? offset + 1 : offset - newline;
}

}  // namespace signal_delivery::mapping
