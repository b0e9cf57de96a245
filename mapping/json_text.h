#ifndef MAPPING_JSON_TEXT_H_
#define MAPPING_JSON_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// The atoms of JSON text. Thread-safe.
namespace signal_delivery::mapping {

// The most bytes that WriteJsonString touches for a text of `size` bytes: an
// escape has six, then there are the quotes, and it copies eight at a time.
constexpr size_t JsonStringRoom(size_t size) { return 6 * size + 2 + 8; }

// The same for a number. More than any double has in its shortest form (24),
// and any int64 (20).
inline constexpr size_t kJsonNumberRoom = 32;

// Surrogates and overlong forms are not UTF-8.
bool IsUtf8(absl::string_view text);

// Writes `text` in quotes to `out`, which has room for it, and returns where it
// ends there. Escapes only what JSON wants escaped: quotes, backslashes and
// control characters. nullptr, with a part of it written, if the text is not
// UTF-8.
[[nodiscard]] char* WriteJsonString(absl::string_view text, char* out);

// Writes all digits: a reader needs 64 bits to keep them.
char* WriteJsonInteger(int64_t value, char* out);

// Writes a number that reads back as the very same double: a whole one of up
// to 2^53 as an integer (`8`, never `8.0` or `1e+05`), any other in the fewest
// characters. nullptr for NaN and infinities, for which JSON has no word.
[[nodiscard]] char* WriteJsonNumber(double value, char* out);

// The same, at the end of `*out`. Where they return false nothing is appended.
[[nodiscard]] bool AppendJsonString(absl::string_view text, std::string* out);
void AppendJsonInteger(int64_t value, std::string* out);
[[nodiscard]] bool AppendJsonNumber(double value, std::string* out);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_JSON_TEXT_H_
