#ifndef MAPPING_SHA256_H_
#define MAPPING_SHA256_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {

// SHA-256 of `data` (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view data);

// Writes the first digits of the hash of all pieces, one behind the other, to
// `digits`: 64 at most.
void WriteSha256Hex(std::initializer_list<absl::string_view> pieces,
                    absl::Span<char> digits);

// Whether `text` is such a hash, in upper or lower case.
bool IsSha256Hex(absl::string_view text);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SHA256_H_
