#include "mapping/json_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace signal_delivery::mapping {
namespace {

// Up to here every whole double is exact and prints at most 16 digits.
constexpr double kLargestExactInteger = 9007199254740992;  // 2^53

// So many hundredths have 15 digits.
constexpr double kMostHundredths = 1e15;

// Longer than any double in its shortest form (24) and any int64 (20).
constexpr size_t kNumberSize = 32;

constexpr uint64_t EveryByte(uint8_t byte) {
  return 0x0101010101010101u * byte;
}

// Nonzero if one of the 8 bytes is zero (and only then).
constexpr uint64_t ZeroBytes(uint64_t word) {
  return (word - EveryByte(0x01)) & ~word & EveryByte(0x80);
}

bool IsPlain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// How many bytes from `begin` on stand in JSON as they are and are ASCII. Eight
// at a time, since most texts are nothing else.
const char* SkipPlain(const char* begin, const char* end) {
  while (end - begin >= 8) {
    uint64_t word;
    std::memcpy(&word, begin, sizeof word);
    const uint64_t control = (word - EveryByte(0x20)) & ~word;
    const uint64_t special = word | control | ZeroBytes(word ^ EveryByte('"')) |
                             ZeroBytes(word ^ EveryByte('\\'));
    if ((special & EveryByte(0x80)) != 0) break;
    begin += 8;
  }
  while (begin != end && IsPlain(*begin)) ++begin;
  return begin;
}

// The length of the UTF-8 character of two to four bytes at `begin`; 0 if there
// is none. The ranges are those of table 3-7 of the Unicode Standard.
size_t MultibyteLength(const char* begin, const char* end) {
  const auto byte = [&](size_t i) -> unsigned char {
    return i < static_cast<size_t>(end - begin) ? begin[i] : 0;
  };
  const auto between = [](unsigned char b, unsigned char low,
                          unsigned char high) { return low <= b && b <= high; };
  const auto continues = [&](size_t i) { return between(byte(i), 0x80, 0xBF); };

  const unsigned char lead = byte(0);
  if (between(lead, 0xC2, 0xDF)) return continues(1) ? 2 : 0;
  if (between(lead, 0xE0, 0xEF)) {
    const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;   // overlong
    const unsigned char high = lead == 0xED ? 0x9F : 0xBF;  // surrogate
    return between(byte(1), low, high) && continues(2) ? 3 : 0;
  }
  if (between(lead, 0xF0, 0xF4)) {
    const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;   // overlong
    const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;  // above U+10FFFF
    return between(byte(1), low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void AppendEscaped(unsigned char byte, std::string* out) {
  switch (byte) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      constexpr char kDigits[] = "0123456789abcdef";
      out->append("\\u00");
      out->push_back(kDigits[byte >> 4]);
      out->push_back(kDigits[byte & 0xF]);
  }
}

// Writes a number of at most two decimals, as prices are, in the way that
// std::to_chars would find out in thirty times the time: a double that is the
// nearest to a decimal of at most 15 digits has no other that short. False for
// other numbers.
bool AppendHundredths(double value, std::string* out) {
  if (std::abs(value) >= kMostHundredths / 100) return false;
  const int64_t hundredths = std::llround(std::abs(value) * 100);
  if (hundredths == 0 ||
      static_cast<double>(hundredths) / 100 != std::abs(value)) {
    return false;
  }
  char text[kNumberSize];
  char* end = text;
  if (value < 0) *end++ = '-';
  end = std::to_chars(end, text + kNumberSize, hundredths / 100).ptr;
  const auto decimals = static_cast<char>(hundredths % 100);
  *end++ = '.';
  *end++ = static_cast<char>('0' + decimals / 10);
  if (decimals % 10 != 0) *end++ = static_cast<char>('0' + decimals % 10);
  out->append(text, end - text);
  return true;
}

}  // namespace

bool AppendJsonString(absl::string_view text, std::string* out) {
  const char* position = text.data();
  const char* const end = position + text.size();
  out->push_back('"');
  const char* run = position;  // what is not yet appended begins here
  while ((position = SkipPlain(position, end)) != end) {
    const unsigned char byte = *position;
    if (byte >= 0x80) {
      const size_t length = MultibyteLength(position, end);
      if (length == 0) return false;
      position += length;
    } else {
      out->append(run, position - run);
      AppendEscaped(byte, out);
      run = ++position;
    }
  }
  out->append(run, end - run);
  out->push_back('"');
  return true;
}

void AppendJsonInteger(int64_t value, std::string* out) {
  char text[kNumberSize];
  const auto result = std::to_chars(text, text + kNumberSize, value);
  out->append(text, result.ptr - text);
}

bool AppendJsonNumber(double value, std::string* out) {
  if (!std::isfinite(value)) return false;
  const bool is_negative_zero = value == 0 && std::signbit(value);
  if (std::abs(value) <= kLargestExactInteger && value == std::trunc(value) &&
      !is_negative_zero) {
    AppendJsonInteger(static_cast<int64_t>(value), out);
    return true;
  }
  if (AppendHundredths(value, out)) return true;
  char text[kNumberSize];
  const auto result = std::to_chars(text, text + kNumberSize, value);
  out->append(text, result.ptr - text);
  return true;
}

}  // namespace signal_delivery::mapping
