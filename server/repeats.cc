#include "server/repeats.h"

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/rule.h"

namespace signal_delivery::server {
namespace {

using ::datafly::signal::v1::Event;

using Names = std::tuple<absl::string_view, int, absl::string_view, int64_t,
                         int, absl::string_view, absl::string_view>;

Names NamesOf(const Event& event) {
  return {event.message_id(),
          static_cast<int>(event.type()),
          event.event(),
          event.timestamp().seconds(),
          event.timestamp().nanos(),
          event.user_id(),
          event.anonymous_id()};
}

using Key = std::pair<Names, size_t>;

Key KeyOf(const Event& event) { return {NamesOf(event), event.ByteSizeLong()}; }

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

void Repeats::TakeOut(std::vector<const Event*>& events) {
  struct First {
    int index;
    bool is_measured;
  };
  absl::flat_hash_map<Names, First> firsts;
  // Of names that came more than once: measuring an event takes longer than all
  // else here, and nearly all names are new.
  absl::flat_hash_map<Key, int> measured;
  for (int i = 0; i < static_cast<int>(events.size()); ++i) {
    const Event& event = *events[i];
    if (event.message_id().empty() ||
        event.type() == datafly::signal::v1::EVENT_TYPE_IDENTIFY) {
      continue;
    }
    const auto [named, is_new] =
        firsts.try_emplace(NamesOf(event), First{i, false});
    if (is_new) continue;
    First& first = named->second;
    if (!first.is_measured) {
      measured.emplace(KeyOf(*events[first.index]), first.index);
      first.is_measured = true;
    }
    const auto [same, is_other] = measured.try_emplace(KeyOf(event), i);
    if (is_other) continue;
    repeats_.push_back({i, same->second});
    events[i] = &Event::default_instance();
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
