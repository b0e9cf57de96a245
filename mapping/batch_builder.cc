#include "mapping/batch_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/source_request_id.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {
namespace {

using ::mparticle::events::v2::Batch;

// `,"NAME":`, the beginning of a further member of the batch.
std::string MemberStart(int field_number) {
  return absl::StrCat(
      ",\"", Batch::descriptor()->FindFieldByNumber(field_number)->name(),
      "\":");
}

const std::string& IdStart() {
  static const auto* const kStart =
      new std::string(MemberStart(Batch::kSourceRequestIdFieldNumber));
  return *kStart;
}

const std::string& EventsStart() {
  static const auto* const kStart = new std::string(
      absl::StrCat(MemberStart(Batch::kEventsFieldNumber), "["));
  return *kStart;
}

constexpr size_t kIdDigits = 32;
constexpr absl::string_view kEnd = "]}";

}  // namespace

size_t BatchBuilder::SizeOf(absl::string_view batch_json,
                            size_t events_bytes) const {
  const size_t id_bytes =
      options_.source_request_id ? IdStart().size() + kIdDigits + 2 : 0;
  // The closing brace of batch_json makes room for the members that follow.
  return batch_json.size() - 1 + id_bytes + EventsStart().size() +
         events_bytes + kEnd.size();
}

std::optional<size_t> BatchBuilder::BatchFor(const MappedEvent& event) const {
  const auto latest = [](const auto& positions, absl::string_view id) {
    const auto found = positions.find(id);
    return found == positions.end() ? std::nullopt
                                    : std::optional<size_t>(found->second);
  };
  const std::optional<size_t> position =
      event.user_id.empty()
          ? latest(latest_of_anonymous_id_, event.anonymous_id)
          : latest(latest_of_user_id_, event.user_id);
  if (!position.has_value()) return std::nullopt;
  // Somebody of whom only a part is known to be the same.
  if (!event.anonymous_id.empty() &&
      latest(latest_of_anonymous_id_, event.anonymous_id) != position) {
    return std::nullopt;
  }
  const Parts& parts = parts_[*position];
  const size_t events_bytes =
      parts.events_json.size() + 1 + event.event_json.size();
  const bool is_full =
      options_.max_events > 0 && parts.keys.size() >= options_.max_events;
  if (is_full || parts.group != event.group ||
      SizeOf(parts.batch_json, events_bytes) > kMaxBatchBytes) {
    return std::nullopt;
  }
  return position;
}

void BatchBuilder::Remember(const MappedEvent& event, size_t position) {
  if (!event.user_id.empty()) latest_of_user_id_[event.user_id] = position;
  if (!event.anonymous_id.empty()) {
    latest_of_anonymous_id_[event.anonymous_id] = position;
  }
}

bool BatchBuilder::Add(const MappedEvent& event) {
  std::optional<size_t> position = BatchFor(event);
  if (position.has_value()) {
    absl::StrAppend(&parts_[*position].events_json, ",", event.event_json);
  } else {
    if (SizeOf(event.batch_json, event.event_json.size()) > kMaxBatchBytes) {
      return false;
    }
    position = batches_.size();
    batches_.emplace_back().lane = event.lane;
    parts_.push_back({.group = std::string(event.group),
                      .batch_json = std::string(event.batch_json),
                      .events_json = std::string(event.event_json)});
  }
  parts_[*position].keys.push_back(event.key);
  PreparedBatch& batch = batches_[*position];
  batch.events.push_back(event.index);
  size_t& told = parts_[*position].told[&event.told_by];
  batch.identifies.insert(batch.identifies.end(), event.told_by.begin() + told,
                          event.told_by.end());
  told = event.told_by.size();
  Remember(event, *position);
  return true;
}

void BatchBuilder::WriteBody(const Parts& parts, PreparedBatch& batch) const {
  std::string& body = batch.body;
  body.reserve(SizeOf(parts.batch_json, parts.events_json.size()));
  body.append(parts.batch_json, 0, parts.batch_json.size() - 1);
  if (options_.source_request_id) {
    batch.source_request_id = SourceRequestId(options_.api_key, parts.keys);
    absl::StrAppend(&body, IdStart(), "\"", batch.source_request_id, "\"");
  }
  if (parts.events_json.empty()) {
    body.push_back('}');
  } else {
    absl::StrAppend(&body, EventsStart(), parts.events_json, kEnd);
  }
}

std::optional<PreparedBatch> BatchBuilder::MakeUserBatch(
    int index, int lane, std::string key, std::string batch_json) const {
  if (SizeOf(batch_json, 0) > kMaxBatchBytes) return std::nullopt;
  PreparedBatch batch{.identifies = {index}, .lane = lane};
  WriteBody({.batch_json = std::move(batch_json), .keys = {std::move(key)}},
            batch);
  return batch;
}

std::vector<PreparedBatch> BatchBuilder::Finish() && {
  for (size_t i = 0; i < batches_.size(); ++i) {
    WriteBody(parts_[i], batches_[i]);
  }
  return std::move(batches_);
}

}  // namespace signal_delivery::mapping
