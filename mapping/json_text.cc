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

constexpr uint64_t EveryByte(uint8_t byte) {
  return 0x0101010101010101u * byte;
}

// Nonzero if one of the 8 bytes is zero (and only then).
constexpr uint64_t ZeroBytes(uint64_t word) {
  return (word - EveryByte(0x01)) & ~word & EveryByte(0x80);
}

// Stands in JSON as it is, and is ASCII.
bool IsPlain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// The same of eight at once.
bool ArePlain(uint64_t word) {
  const uint64_t control = (word - EveryByte(0x20)) & ~word;
  const uint64_t special = word | control | ZeroBytes(word ^ EveryByte('"')) |
                           ZeroBytes(word ^ EveryByte('\\'));
  return (special & EveryByte(0x80)) == 0;
}

// Copies eight bytes if all of them are plain.
bool CopyEightPlain(const char* from, char* to) {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  if (!ArePlain(word)) return false;
  std::memcpy(to, &word, sizeof word);
  return true;
}

// The same of less than eight, of which only so many are copied.
bool CopyFewPlain(const char* from, size_t size, char* to) {
  uint32_t first = 0;
  uint32_t last = 0;
  if (size >= sizeof first) {
    // Some of them twice.
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    if (!ArePlain(uint64_t{first} << 32 | last)) return false;
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
    return true;
  }
  for (size_t i = 0; i < size; ++i) {
    if (!IsPlain(from[i])) return false;
    to[i] = from[i];
  }
  return true;
}

// Copies plain bytes up to the first that is not, eight at a time since most
// texts are nothing else. Returns how many.
size_t CopyPlain(const char* begin, const char* end, char* out) {
  const size_t size = end - begin;
  size_t copied = 0;
  while (size - copied >= 8 && CopyEightPlain(begin + copied, out + copied)) {
    copied += 8;
  }
  const size_t left = size - copied;
  if (left == 0) return size;
  // The last eight, of which some have been copied before.
  if (left < 8 && (copied > 0 ? CopyEightPlain(end - 8, out + size - 8)
                              : CopyFewPlain(begin, size, out))) {
    return size;
  }
  while (copied < size && IsPlain(begin[copied])) {
    out[copied] = begin[copied];
    ++copied;
  }
  return copied;
}

// The first byte that is not ASCII. Looks at eight at a time, as most are.
const char* SkipAscii(const char* begin, const char* end) {
  for (uint64_t word; end - begin >= static_cast<ptrdiff_t>(sizeof word);
       begin += sizeof word) {
    std::memcpy(&word, begin, sizeof word);
    if ((word & EveryByte(0x80)) != 0) break;
  }
  while (begin != end && static_cast<unsigned char>(*begin) < 0x80) ++begin;
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

char* WriteEscaped(unsigned char byte, char* out) {
  *out++ = '\\';
  switch (byte) {
    case '"':
    case '\\':
      *out++ = static_cast<char>(byte);
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    default:
      constexpr char kDigits[] = "0123456789abcdef";
      *out++ = 'u';
      *out++ = '0';
      *out++ = '0';
      *out++ = kDigits[byte >> 4];
      *out++ = kDigits[byte & 0xF];
      return out;
  }
}

// Writes a number of at most two decimals, as prices are, in the way that
// std::to_chars would find out in thirty times the time: a double that is the
// nearest to a decimal of at most 15 digits has no other that short. nullptr
// for other numbers.
char* WriteHundredths(double value, char* out) {
  if (std::abs(value) >= kMostHundredths / 100) return nullptr;
  const int64_t hundredths = std::llround(std::abs(value) * 100);
  if (hundredths == 0 ||
      static_cast<double>(hundredths) / 100 != std::abs(value)) {
    return nullptr;
  }
  if (value < 0) *out++ = '-';
  out = WriteJsonInteger(hundredths / 100, out);
  const auto decimals = static_cast<char>(hundredths % 100);
  *out++ = '.';
  *out++ = static_cast<char>('0' + decimals / 10);
  if (decimals % 10 != 0) *out++ = static_cast<char>('0' + decimals % 10);
  return out;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  const char* position = text.data();
  const char* const end = position + text.size();
  while (true) {
    position = SkipAscii(position, end);
    if (position == end) return true;
    const size_t length = MultibyteLength(position, end);
    if (length == 0) return false;
    position += length;
  }
}

char* WriteJsonString(absl::string_view text, char* out) {
  const char* position = text.data();
  const char* const end = position + text.size();
  *out++ = '"';
  while (true) {
    const size_t plain = CopyPlain(position, end, out);
    position += plain;
    out += plain;
    if (position == end) break;
    const unsigned char byte = *position;
    if (byte < 0x80) {
      out = WriteEscaped(byte, out);
      ++position;
      continue;
    }
    const size_t length = MultibyteLength(position, end);
    if (length == 0) return nullptr;
    std::memcpy(out, position, length);
    out += length;
    position += length;
  }
  *out++ = '"';
  return out;
}

char* WriteJsonInteger(int64_t value, char* out) {
  return std::to_chars(out, out + kJsonNumberRoom, value).ptr;
}

char* WriteJsonNumber(double value, char* out) {
  if (!std::isfinite(value)) return nullptr;
  const bool is_negative_zero = value == 0 && std::signbit(value);
  if (std::abs(value) <= kLargestExactInteger && value == std::trunc(value) &&
      !is_negative_zero) {
    return WriteJsonInteger(static_cast<int64_t>(value), out);
  }
  if (char* const end = WriteHundredths(value, out)) return end;
  return std::to_chars(out, out + kJsonNumberRoom, value).ptr;
}

bool AppendJsonString(absl::string_view text, std::string* out) {
  const size_t start = out->size();
  out->resize(start + JsonStringRoom(text.size()));
  const char* const end = WriteJsonString(text, &(*out)[start]);
  out->resize(end == nullptr ? start : end - out->data());
  return end != nullptr;
}

void AppendJsonInteger(int64_t value, std::string* out) {
  char digits[kJsonNumberRoom];
  out->append(digits, WriteJsonInteger(value, digits) - digits);
}

bool AppendJsonNumber(double value, std::string* out) {
  char digits[kJsonNumberRoom];
  const char* const end = WriteJsonNumber(value, digits);
  if (end != nullptr) out->append(digits, end - digits);
  return end != nullptr;
}

}  // namespace signal_delivery::mapping
