#ifndef MAPPING_CONSENT_H_
#define MAPPING_CONSENT_H_

#include <optional>
#include <string>
#include <vector>

#include "mapping/event_fields.h"

namespace signal_delivery::mapping {

// Whether the user of `event` granted `category`; nothing where it is not
// known. Signal's canonical categories win over the sender's own.
std::optional<bool> ConsentTo(const EventFields& event,
                              const std::string& category);

// Which events may be sent at all: those whose user granted every required
// category. Immutable, thread-safe.
struct ConsentGate {
  enum class WhenMissing {
    // An event that says nothing of a required category passes: Signal asks
    // for consent before it hands events on.
    kDeliver,
    // It does not pass.
    kDrop,
  };

  std::vector<std::string> required;
  WhenMissing when_missing = WhenMissing::kDeliver;

  // The first required category that closes the gate for `event`; nullptr
  // where it passes.
  const std::string* ClosedBy(const EventFields& event) const;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_CONSENT_H_
