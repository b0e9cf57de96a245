#include "mapping/text_format.h"

#include <arpa/inet.h>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "mapping/sha256.h"

namespace signal_delivery::mapping {
namespace {

bool IsIpAddress(absl::string_view text) {
  char address[INET6_ADDRSTRLEN] = {};
  // C's texts end at the first NUL; one that goes on after it is no address.
  if (text.size() >= sizeof(address) ||
      text.find('\0') != absl::string_view::npos) {
    return false;
  }
  text.copy(address, text.size());
  in6_addr unused;
  return inet_pton(AF_INET, address, &unused) == 1 ||
         inet_pton(AF_INET6, address, &unused) == 1;
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
