#include "client/redaction.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace signal_delivery::client {
namespace {

constexpr absl::string_view kBasic = "Basic ";
constexpr absl::string_view kMark = "***";

// Of a credential; what is shorter stands in innocent words and gives nothing
// away.
constexpr size_t kLeastLength = 4;

void ReplaceAll(absl::string_view hidden, std::string& message) {
  size_t at = 0;
  while ((at = message.find(hidden.data(), at, hidden.size())) !=
         std::string::npos) {
    message.replace(at, hidden.size(), kMark.data(), kMark.size());
    at += kMark.size();
  }
}

void HideBeginningAtTheEnd(absl::string_view hidden, std::string& message) {
  for (size_t size = std::min(hidden.size() - 1, message.size());
       size >= kLeastLength; --size) {
    if (!absl::EndsWith(message, hidden.substr(0, size))) continue;
    message.replace(message.size() - size, size, kMark.data(), kMark.size());
    return;
  }
}

}  // namespace

Redaction::Redaction(absl::string_view authorization) {
  const auto hide = [this](absl::string_view text) {
    if (text.size() >= kLeastLength) hidden_.emplace_back(std::string(text));
  };
  const absl::string_view token = absl::StripPrefix(authorization, kBasic);
  hide(token);
  // As some write it, without its padding.
  hide(token.substr(0, token.find_last_not_of('=') + 1));
  std::string credentials;
  if (absl::Base64Unescape(token, &credentials)) {
    const size_t colon = credentials.find(':');
    const absl::string_view view = credentials;
    hide(view.substr(0, colon));
    if (colon != std::string::npos) hide(view.substr(colon + 1));
  }
  Wipe(credentials);
  std::sort(hidden_.begin(), hidden_.end(),
            [](const Secret& a, const Secret& b) {
              return a.Reveal().size() > b.Reveal().size();
            });
}

std::string Redaction::Apply(std::string message) const {
  for (const Secret& hidden : hidden_) ReplaceAll(hidden.Reveal(), message);
  for (const Secret& hidden : hidden_) {
    HideBeginningAtTheEnd(hidden.Reveal(), message);
  }
  return message;
}

}  // namespace signal_delivery::client
