#include "mapping/code_points.h"

#include <utf8proc.h>

namespace signal_delivery::mapping {
namespace {

bool StartsCodePoint(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

template <typename Convert>
std::string EachCodePoint(absl::string_view text, Convert convert) {
  std::string converted;
  converted.reserve(text.size());
  const auto* next = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  utf8proc_ssize_t left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point;
    const utf8proc_ssize_t length = utf8proc_iterate(next, left, &code_point);
    if (length <= 0) break;
    utf8proc_uint8_t encoded[4];
    const utf8proc_ssize_t size =
        utf8proc_encode_char(convert(code_point), encoded);
    converted.append(reinterpret_cast<const char*>(encoded), size);
    next += length;
    left -= length;
  }
  return converted;
}

}  // namespace

absl::string_view FirstCodePoints(absl::string_view text, size_t count) {
  if (text.size() <= count) return text;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCodePoint(text[i]) && count-- == 0) return text.substr(0, i);
  }
  return text;
}

std::string ToLower(absl::string_view text) {
  return EachCodePoint(text, utf8proc_tolower);
}

std::string ToUpper(absl::string_view text) {
  return EachCodePoint(text, utf8proc_toupper);
}

}  // namespace signal_delivery::mapping
