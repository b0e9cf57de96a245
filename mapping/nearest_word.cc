#include "mapping/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {
namespace {

// Levenshtein distance: how many letters to insert, delete or replace.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string Suggestion(absl::string_view word,
                       const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  // Half of the word may be wrong; beyond that a suggestion only confuses.
  size_t best = word.size() / 2 + 1;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  if (nearest != nullptr)
    return absl::StrCat("; did you mean \"", *nearest, "\"?");
  if (known.empty()) return "";
  return absl::StrCat("; it may be: ", absl::StrJoin(known, ", "));
}

}  // namespace signal_delivery::mapping
