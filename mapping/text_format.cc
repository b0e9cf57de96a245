#include "mapping/text_format.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "mapping/sha256.h"

namespace signal_delivery::mapping {
namespace {

bool IsIpAddress(absl::string_view text) {
  const std::string address(text);
  // c_str() ends at the first NUL; a text that goes on after it is no address.
  if (address.find('\0') != std::string::npos) return false;
  in6_addr unused;
  return inet_pton(AF_INET, address.c_str(), &unused) == 1 ||
         inet_pton(AF_INET6, address.c_str(), &unused) == 1;
}

bool IsUuid(absl::string_view text) {
  static constexpr absl::string_view kShape =
      "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-' ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool HasFormat(absl::string_view text, TextFormat format) {
  switch (format) {
    case TextFormat::TEXT_FORMAT_IP_ADDRESS:
      return IsIpAddress(text);
    case TextFormat::TEXT_FORMAT_UUID:
      return IsUuid(text);
    case TextFormat::TEXT_FORMAT_EMAIL:
      // As sha256 and mParticle itself read it: without the white space.
      return !IsSha256Hex(absl::StripAsciiWhitespace(text));
    default:
      return true;
  }
}

absl::string_view DescriptionOf(TextFormat format) {
  switch (format) {
    case TextFormat::TEXT_FORMAT_IP_ADDRESS:
      return "an IPv4 or IPv6 address";
    case TextFormat::TEXT_FORMAT_UUID:
      return "a UUID";
    case TextFormat::TEXT_FORMAT_EMAIL:
      return "an email address (it looks like a SHA-256 hash)";
    default:
      return "a text";
  }
}

}  // namespace signal_delivery::mapping
