#include "server/event_filter.h"

#include "absl/algorithm/container.h"

namespace signal_delivery::server {
namespace {

// What is not set, matches all.
bool IsOr(absl::string_view wanted, absl::string_view value) {
  return wanted.empty() || wanted == value;
}

}  // namespace

bool EventFilter::Matches(const EventMarks& event) const {
  return MayMatch(event.integration_id) &&
         (wanted.outcomes().empty() ||
          absl::c_linear_search(wanted.outcomes(), event.outcome)) &&
         (wanted.reasons().empty() ||
          absl::c_linear_search(wanted.reasons(), event.reason)) &&
         IsOr(wanted.message_id(), event.message_id) &&
         IsOr(wanted.event_name(), event.event_name);
}

bool EventFilter::MayMatch(absl::string_view integration_id) const {
  return IsOr(wanted.integration_id(), integration_id) &&
         (!allowed.has_value() || allowed->contains(integration_id));
}

}  // namespace signal_delivery::server
