#include "client/endpoint.h"

#include <arpa/inet.h>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace signal_delivery::client {
namespace {

// RFC 1035, section 2.3.4.
constexpr size_t kMaxNameLength = 253;
constexpr size_t kMaxLabelLength = 63;

bool IsAddressOf(int family, absl::string_view host) {
  in6_addr address;  // large enough for both families
  return inet_pton(family, std::string(host).c_str(), &address) == 1;
}

bool IsDnsName(absl::string_view host) {
  if (host.empty() || host.size() > kMaxNameLength) return false;
  bool has_letter = false;
  for (absl::string_view label : absl::StrSplit(host, '.')) {
    if (label.empty() || label.size() > kMaxLabelLength) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    for (char c : label) {
      if (!absl::ascii_isalnum(c) && c != '-' && c != '_') return false;
      has_letter |= absl::ascii_isalpha(c);
    }
  }
  // "1.2.3" or "300.1.1.1" is a mistyped address and not a name.
  return has_letter;
}

absl::Status Invalid(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a host: ", why));
}

}  // namespace

bool IsIpAddress(absl::string_view host) {
  return IsAddressOf(AF_INET, host) || IsAddressOf(AF_INET6, host);
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text) {
  absl::string_view host = text;
  absl::string_view after_host;
  const bool bracketed = absl::StartsWith(text, "[");
  if (bracketed) {
    const size_t end = text.find(']');
    if (end == text.npos) return Invalid(text, "']' is missing");
    host = text.substr(1, end - 1);
    after_host = text.substr(end + 1);
    if (!IsAddressOf(AF_INET6, host)) {
      return Invalid(text, "between brackets stands an IPv6 address");
    }
  } else if (const size_t colon = text.find(':'); colon != text.npos) {
    if (IsAddressOf(AF_INET6, text)) {
      return Invalid(text, "write an IPv6 address in brackets");
    }
    host = text.substr(0, colon);
    after_host = text.substr(colon);
  }
  if (!bracketed && !IsAddressOf(AF_INET, host) && !IsDnsName(host)) {
    return Invalid(text,
                   "write a name or an address, with a port if need be, for "
                   "example s2s.mparticle.com or localhost:8443");
  }

  Endpoint endpoint{.host = absl::AsciiStrToLower(host)};
  if (!after_host.empty()) {
    uint32_t port = 0;
    // SimpleAtoi alone would take "+1" and " 1".
    if (after_host.front() != ':' || after_host.size() < 2 ||
        !absl::ascii_isdigit(after_host[1]) ||
        !absl::SimpleAtoi(after_host.substr(1), &port) || port < 1 ||
        port > 65535) {
      return Invalid(text, "the port is a number from 1 to 65535");
    }
    endpoint.port = static_cast<uint16_t>(port);
  }
  return endpoint;
}

std::string FormatEndpoint(const Endpoint& endpoint) {
  const bool is_ipv6 = absl::StrContains(endpoint.host, ':');
  return absl::StrCat(is_ipv6 ? "[" : "", endpoint.host, is_ipv6 ? "]" : "",
                      endpoint.port == Endpoint::kHttpsPort
                          ? ""
                          : absl::StrCat(":", endpoint.port));
}

}  // namespace signal_delivery::client
