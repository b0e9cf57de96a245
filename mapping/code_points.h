#ifndef MAPPING_CODE_POINTS_H_
#define MAPPING_CODE_POINTS_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

// Texts as Unicode code points. All texts are UTF-8.
namespace signal_delivery::mapping {

// The start of `text`: `count` code points, or all where there are not more.
absl::string_view FirstCodePoints(absl::string_view text, size_t count);

size_t CountCodePoints(absl::string_view text);

// Letter by letter, in every script. What has no single counterpart stays.
std::string ToLower(absl::string_view text);
std::string ToUpper(absl::string_view text);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_CODE_POINTS_H_
