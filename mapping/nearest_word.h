#ifndef MAPPING_NEAREST_WORD_H_
#define MAPPING_NEAREST_WORD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// What to say to somebody who wrote `word` where one of `known` belongs:
// `; did you mean "api_key"?` when one is near, otherwise the list of them.
std::string Suggestion(absl::string_view word,
                       const std::vector<std::string>& known);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_NEAREST_WORD_H_
