#include "mapping/consent.h"

namespace signal_delivery::mapping {

std::optional<bool> ConsentTo(const EventFields& event,
                              const std::string& category) {
  const datafly::signal::v1::Consent& consent = event.context().consent();
  for (const auto* categories : {&consent.canonical(), &consent.categories()}) {
    const auto found = categories->find(category);
    if (found != categories->end()) return found->second;
  }
  return std::nullopt;
}

const std::string* ConsentGate::ClosedBy(const EventFields& event) const {
  for (const std::string& category : required) {
    if (!ConsentTo(event, category)
             .value_or(when_missing == WhenMissing::kDeliver)) {
      return &category;
    }
  }
  return nullptr;
}

}  // namespace signal_delivery::mapping
