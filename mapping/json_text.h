#ifndef MAPPING_JSON_TEXT_H_
#define MAPPING_JSON_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// The atoms of JSON text. Each function appends to `*out`. Thread-safe.
namespace signal_delivery::mapping {

// Appends `text` in quotes. Escapes only what JSON wants escaped: quotes,
// backslashes and control characters. Returns false, with a part of the text
// appended, if the text is not UTF-8 (surrogates and overlong forms are not).
[[nodiscard]] bool AppendJsonString(absl::string_view text, std::string* out);

// Appends all digits: a reader needs 64 bits to keep them.
void AppendJsonInteger(int64_t value, std::string* out);

// Appends a number that reads back as the very same double: a whole one of up
// to 2^53 as an integer (`8`, never `8.0` or `1e+05`), any other in the fewest
// characters. Returns false, with nothing appended, for NaN and infinities, for
// which JSON has no word.
[[nodiscard]] bool AppendJsonNumber(double value, std::string* out);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_JSON_TEXT_H_
