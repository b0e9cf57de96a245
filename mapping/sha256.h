#ifndef MAPPING_SHA256_H_
#define MAPPING_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {

// SHA-256 of `data` (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view data);

// Writes the first of them, 64 at most, to `digits`.
void WriteSha256Hex(absl::string_view data, absl::Span<char> digits);

// Whether `text` is such a hash, in upper or lower case.
bool IsSha256Hex(absl::string_view text);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SHA256_H_
