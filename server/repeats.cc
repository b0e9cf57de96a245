#include "server/repeats.h"

#include <cstdint>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/rule.h"

namespace signal_delivery::server {
namespace {

using ::signal_delivery::mapping::EventFields;
using ::signal_delivery::mapping::SourceEvent;

using Key = std::tuple<absl::string_view, int, absl::string_view, int64_t, int,
                       absl::string_view, absl::string_view, size_t>;

// The same, whichever way its properties came; of one that is too large they
// are not read.
size_t SizeOf(const SourceEvent& source) {
  return source.bytes > mapping::kMaxEventBytes
             ? source.bytes
             : mapping::WholeMessage(source).ByteSizeLong();
}

Key KeyOf(const SourceEvent& source) {
  const EventFields& event = source.fields;
  const auto [seconds, nanos] =
      event.timestamp().value_or(EventFields::Timestamp());
  return {event.message_id(),
          static_cast<int>(event.type()),
          event.event(),
          seconds,
          nanos,
          event.user_id(),
          event.anonymous_id(),
          SizeOf(source)};
}

// Those that more than one event has; nearly always none.
absl::flat_hash_set<absl::string_view> RepeatedIds(
    const std::vector<const SourceEvent*>& events) {
  absl::flat_hash_set<absl::string_view> ids(events.size());
  absl::flat_hash_set<absl::string_view> repeated;
  for (const SourceEvent* event : events) {
    const absl::string_view id = event->fields.message_id();
    if (!id.empty() && !ids.insert(id).second) repeated.insert(id);
  }
  return repeated;
}

// EventResult and PreviewedEvent name their warnings alike.
template <typename Result>
void Write(const Result& first, int index, Result& result) {
  result = first;
  auto* warning = result.add_warnings();
  warning->set_rule(std::string(mapping::InfoOf(mapping::Rule::kRepeat).name));
  warning->set_signal_path("message_id");
  warning->set_description(
      absl::StrCat("the event repeats event ", index,
                   " of the request, whose result this is; sent once"));
}

}  // namespace

void Repeats::TakeOut(std::vector<const SourceEvent*>& events) {
  static const auto* const kEmpty = new SourceEvent();
  const auto repeated = RepeatedIds(events);
  if (repeated.empty()) return;
  absl::flat_hash_map<Key, int> firsts;
  for (int i = 0; i < static_cast<int>(events.size()); ++i) {
    const EventFields& event = events[i]->fields;
    // An event's size is not to be had for nothing.
    if (!repeated.contains(event.message_id()) ||
        event.type() == datafly::signal::v1::EVENT_TYPE_IDENTIFY) {
      continue;
    }
    const auto [first, is_new] = firsts.try_emplace(KeyOf(*events[i]), i);
    if (is_new) continue;
    repeats_.push_back({i, first->second});
    events[i] = kEmpty;
  }
}

void Repeats::WriteResults(
    datafly::delivery::v1::DeliverEventsResponse& response) const {
  for (const Repeat& repeat : repeats_) {
    Write(response.results(repeat.first), repeat.first,
          *response.mutable_results(repeat.index));
  }
}

void Repeats::WriteResults(
    datafly::delivery::v1::PreviewEventsResponse& response) const {
  for (const Repeat& repeat : repeats_) {
    Write(response.events(repeat.first), repeat.first,
          *response.mutable_events(repeat.index));
  }
}

int Repeats::SentFor(int index) const {
  for (const Repeat& repeat : repeats_) {
    if (repeat.index == index) return repeat.first;
  }
  return index;
}

}  // namespace signal_delivery::server
