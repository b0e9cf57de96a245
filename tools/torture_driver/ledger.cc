#include "tools/torture_driver/ledger.h"

#include "absl/strings/str_cat.h"

namespace signal_delivery::torture {
namespace {

// mParticle takes 1,000 different names per workspace.
constexpr uint32_t kScreens = 50;

}  // namespace

std::string MessageId(uint32_t number, EventKind kind) {
  std::string id = absl::StrCat("evt_", number);
  if (kind == EventKind::kPoison) absl::StrAppend(&id, "_", kPoisonMarker);
  if (kind == EventKind::kPoison413) {
    absl::StrAppend(&id, "_", kPoison413Marker);
  }
  return id;
}

std::string UserId(const EventFacts& facts) {
  return absl::StrCat("user-", facts.integration, "-", facts.user);
}

std::string AnonymousId(const EventFacts& facts) {
  return absl::StrCat("device-", facts.integration, "-", facts.user);
}

std::string Email(uint32_t identify) {
  return absl::StrCat("identify-", identify, "@example.com");
}

std::string Checksum(uint32_t number, const EventFacts& facts) {
  // SplitMix64 (Steele, Lea, Flood 2014).
  uint64_t bits = (uint64_t{number} << 32 | facts.user) +
                  0x9E3779B97F4A7C15 * (1 + static_cast<int>(facts.kind));
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return absl::StrCat(absl::Hex(bits ^ (bits >> 31), absl::kZeroPad16));
}

absl::string_view BatchEventType(EventKind kind) {
  switch (kind) {
    case EventKind::kPage:
      return "screen_view";
    case EventKind::kAddToCart:
    case EventKind::kOrder:
      return "commerce_event";
    default:
      return "custom_event";
  }
}

std::string BatchEventName(uint32_t number, EventKind kind) {
  switch (kind) {
    case EventKind::kPage:
      return absl::StrCat("Screen ", number % kScreens);
    case EventKind::kAddToCart:
      return "add_to_cart";
    case EventKind::kOrder:
      return "purchase";
    case EventKind::kSignUp:
      return "sign_up";
    case EventKind::kSearch:
      return "search";
    default:
      return "login";
  }
}

bool IsPoison(EventKind kind) {
  return kind == EventKind::kPoison || kind == EventKind::kPoison413;
}

bool IsGood(const EventFacts& facts) {
  switch (facts.kind) {
    case EventKind::kIdentify:  // carried by events, or not
    case EventKind::kNotMapped:
    case EventKind::kInvalid:
    case EventKind::kPoison:
    case EventKind::kPoison413:
      return false;
    case EventKind::kNoConsent:
      return facts.integration % kIntegrationKinds != kConsentIntegration;
    default:
      return true;
  }
}

}  // namespace signal_delivery::torture
