#ifndef TOOLS_TORTURE_DRIVER_LEDGER_H_
#define TOOLS_TORTURE_DRIVER_LEDGER_H_

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace signal_delivery::torture {

// What sort of event it is, and with that what has to become of it.
enum class EventKind : uint8_t {
  kLogin,
  kSignUp,
  kSearch,
  kPage,
  kAddToCart,
  kOrder,
  kBulky,      // so large that few share a batch
  kIdentify,   // goes with the user's later events
  kNotMapped,  // DROPPED
  kNoConsent,  // DROPPED where the integration asks for consent
  kInvalid,    // REJECTED by the service
  kPoison,     // REJECTED: mParticle refuses its batch with 400
  kPoison413,  // the same with 413
};

// Texts in the message_ids of poison. Neither contains the other.
inline constexpr char kPoisonMarker[] = "poison";
inline constexpr char kPoison413Marker[] = "oversize";

// So many that each of them asks for little: less than what the service's pace
// is back to soon after a 429, which tells the replicas to go slowly for a
// minute, and for growing too fast, for five.
inline constexpr int kIntegrations = 24;
// One that asks for consent; as does every third from it on.
inline constexpr int kConsentIntegration = 2;
inline constexpr int kIntegrationKinds = 3;

// All that there is to know of an event that was sent. Its texts follow from
// it.
struct EventFacts {
  EventKind kind = EventKind::kLogin;
  uint8_t integration = 0;
  bool has_user_id = true;
  bool has_anonymous_id = true;
  bool has_message_id = true;
  uint32_t user = 0;     // of its integration
  uint32_t request = 0;  // events of one are sent together
  // The event that this is a copy of, in the same request.
  std::optional<uint32_t> copy_of;
  // The identify of the same user before it in the request.
  std::optional<uint32_t> identify;
};

enum class Told : uint8_t { kNothing, kAccepted, kDropped, kRejected };

// An event and what its caller was told about it in the end.
struct LedgerEntry {
  EventFacts facts;
  Told told = Told::kNothing;
  // Until when (milliseconds since 1970) every answer about it was
  // NOT_DELIVERED; 0: never. What was taken before then was denied.
  int64_t not_delivered_until_ms = 0;
  // A call with it failed, or it was UNKNOWN: it may be taken any time.
  bool was_unknown = false;
};

// Everything that the callers sent, by number. Entries stay where they are.
// Adding is thread-safe; an entry belongs to whoever sends it.
class Ledger {
 public:
  // Returns the event's number.
  uint32_t Add(const EventFacts& facts) {
    std::lock_guard lock(mutex_);
    entries_.push_back({facts});
    return static_cast<uint32_t>(entries_.size() - 1);
  }
  LedgerEntry& At(uint32_t number) {
    std::lock_guard lock(mutex_);
    return entries_[number];
  }
  uint32_t size() const {
    std::lock_guard lock(mutex_);
    return static_cast<uint32_t>(entries_.size());
  }
  // Only while nobody adds.
  const std::deque<LedgerEntry>& entries() const { return entries_; }

 private:
  mutable std::mutex mutex_;
  std::deque<LedgerEntry> entries_;
};

// The texts of event `number`. For a copy that of the event it is a copy of.
std::string MessageId(uint32_t number, EventKind kind);
std::string UserId(const EventFacts& facts);
std::string AnonymousId(const EventFacts& facts);
std::string Email(uint32_t identify);
std::string Checksum(uint32_t number, const EventFacts& facts);

// What the event's kind becomes in a batch: its type there, and its event name,
// screen name or product action.
absl::string_view BatchEventType(EventKind kind);
std::string BatchEventName(uint32_t number, EventKind kind);

// Whether the service has to deliver it: neither drop nor reject.
bool IsGood(const EventFacts& facts);
bool IsPoison(EventKind kind);

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_LEDGER_H_
