#include "server/repeats.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "mapping/rule.h"
#include "server/reasons.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::EventResult;
using ::datafly::signal::v1::Event;

// mParticle's answer to the batch that carried the event.
constexpr int kHttpAccepted = 202;

bool IsIdentify(const Event& event) {
  return event.type() == datafly::signal::v1::EVENT_TYPE_IDENTIFY;
}

void WriteTakenEarlier(const Event& event,
                       const RecentAcceptances::Acceptance& acceptance,
                       EventResult& result) {
  const ReasonInfo& info = InfoOf(datafly::delivery::v1::REASON_TAKEN_EARLIER);
  result.Clear();
  result.set_message_id(event.message_id());
  result.set_outcome(info.outcome);
  result.set_reason(info.reason);
  result.set_detail(std::string(info.detail));
  result.set_hint(std::string(info.hint));
  result.set_http_status(kHttpAccepted);
  result.set_source_request_id(acceptance.source_request_id);
}

void WriteRepeated(const EventResult& first, int index, EventResult& result) {
  result = first;
  auto* warning = result.add_warnings();
  const mapping::RuleInfo& rule = mapping::InfoOf(mapping::Rule::kRepeat);
  warning->set_rule(std::string(rule.name));
  warning->set_signal_path("message_id");
  warning->set_description(
      absl::StrCat("the event repeats event ", index,
                   " of the request, whose result this is; sent once"));
}

}  // namespace

void Repeats::TakeOut(std::vector<const Event*>& events, absl::Time now) {
  absl::flat_hash_map<RecentAcceptances::Key, int> firsts;
  std::vector<Repeat> identifies;
  bool anything_left = false;
  for (int i = 0; i < static_cast<int>(events.size()); ++i) {
    const Event& event = *events[i];
    if (event.message_id().empty()) {
      anything_left = anything_left || !IsIdentify(event);
      continue;
    }
    const auto key = RecentAcceptances::KeyOf(integration_id_, event);
    std::optional<RecentAcceptances::Acceptance> taken = recent_.Find(key, now);
    if (IsIdentify(event)) {
      if (taken.has_value()) identifies.push_back({i, -1, *std::move(taken)});
    } else if (const auto [first, is_new] = firsts.try_emplace(key, i);
               !is_new) {
      repeats_.push_back({i, first->second, {}});
    } else if (taken.has_value()) {
      repeats_.push_back({i, -1, *std::move(taken)});
    } else {
      anything_left = true;
    }
  }
  if (!anything_left) {
    std::move(identifies.begin(), identifies.end(),
              std::back_inserter(repeats_));
  }
  for (const Repeat& repeat : repeats_) {
    events[repeat.index] = &Event::default_instance();
  }
}

void Repeats::WriteResults(const std::vector<const Event*>& events,
                           absl::Time now,
                           DeliverEventsResponse& response) const {
  for (const Repeat& repeat : repeats_) {
    if (repeat.first >= 0) continue;
    WriteTakenEarlier(*events[repeat.index], repeat.acceptance,
                      *response.mutable_results(repeat.index));
  }
  for (int i = 0; i < response.results_size(); ++i) {
    const EventResult& result = response.results(i);
    if (result.reason() != datafly::delivery::v1::REASON_TAKEN ||
        result.message_id().empty()) {
      continue;
    }
    recent_.Remember(RecentAcceptances::KeyOf(integration_id_, *events[i]),
                     {now, result.source_request_id()});
  }
  for (const Repeat& repeat : repeats_) {
    if (repeat.first < 0) continue;
    WriteRepeated(response.results(repeat.first), repeat.first,
                  *response.mutable_results(repeat.index));
  }
}

}  // namespace signal_delivery::server
