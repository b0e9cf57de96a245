#include "mapping/path_template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace signal_delivery::mapping {
namespace {

constexpr absl::string_view kSchemeEnd = "://";

absl::string_view WithoutHost(absl::string_view url) {
  const size_t scheme_end = url.find(kSchemeEnd);
  // A path may hold another URL.
  if (scheme_end == absl::string_view::npos || url.find('/') < scheme_end) {
    return url;
  }
  const size_t path = url.find('/', scheme_end + kSchemeEnd.size());
  return path == absl::string_view::npos ? "" : url.substr(path);
}

}  // namespace

std::string TemplateOfPath(absl::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  path = WithoutHost(path);
  std::string result;
  for (const absl::string_view part :
       absl::StrSplit(path, '/', absl::SkipEmpty())) {
    const bool varies = std::any_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isdigit(c);
    });
    absl::StrAppend(&result, "/", varies ? ":id" : part);
  }
  return result.empty() ? "/" : result;
}

}  // namespace signal_delivery::mapping
