#include "mapping/code_points.h"

#include <utf8proc.h>

#include <bit>
#include <cstdint>
#include <cstring>

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

size_t CountCodePoints(absl::string_view text) {
  size_t count = 0;
  // Eight bytes at a time: those count that do not begin with the bits 10.
  for (uint64_t word; text.size() >= sizeof word;
       text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    count += std::popcount((~word | word << 1) & 0x8080'8080'8080'8080);
  }
  for (const char byte : text) count += StartsCodePoint(byte) ? 1 : 0;
  return count;
}

std::string ToLower(absl::string_view text) {
  return EachCodePoint(text, utf8proc_tolower);
}

std::string ToUpper(absl::string_view text) {
  return EachCodePoint(text, utf8proc_toupper);
}

}  // namespace signal_delivery::mapping
