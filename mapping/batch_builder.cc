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

constexpr absl::string_view kEnd = "]}";

// Makes room for the members that follow.
absl::string_view WithoutBrace(absl::string_view batch_json) {
  return batch_json.substr(0, batch_json.size() - 1);
}

}  // namespace

size_t BatchBuilder::SizeOf(absl::string_view batch_json,
                            size_t events_bytes) const {
  return batch_json.size() - 1 + IdBytes() + EventsStart().size() +
         events_bytes + kEnd.size();
}

size_t BatchBuilder::IdBytes() const {
  if (!options_.source_request_id) return 0;
  return IdStart().size() + kSourceRequestIdDigits + 2;  // its quotes
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
  const bool is_full = options_.max_events > 0 &&
                       batches_[*position].keys.size() >= options_.max_events;
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
    parts_[*position].events_json.push_back(',');
  } else {
    if (SizeOf(event.batch_json, event.event_json.size()) > kMaxBatchBytes) {
      return false;
    }
    position = batches_.size();
    batches_.emplace_back().lane = event.lane;
    parts_.push_back({.group = std::string(event.group),
                      .batch_json = std::string(event.batch_json)});
  }
  PreparedBatch& batch = batches_[*position];
  batch.events.push_back(event.index);
  batch.keys.push_back(event.key);
  std::string& events_json = parts_[*position].events_json;
  batch.event_offsets.push_back(events_json.size());
  absl::StrAppend(&events_json, event.event_json);
  size_t& told = parts_[*position].told[&event.told_by];
  batch.identifies.insert(batch.identifies.end(), event.told_by.begin() + told,
                          event.told_by.end());
  told = event.told_by.size();
  Remember(event, *position);
  return true;
}

void BatchBuilder::WriteBody(absl::string_view batch_json,
                             absl::string_view events_json,
                             PreparedBatch& batch) const {
  std::string& body = batch.body;
  body.reserve(SizeOf(batch_json, events_json.size()) + 1);
  absl::StrAppend(&body, batch_json);
  batch.id =
      SourceRequestId(options_.api_key, options_.integration_id, batch.keys);
  if (options_.source_request_id) {
    batch.source_request_id = batch.id;
    absl::StrAppend(&body, IdStart(), "\"", batch.source_request_id, "\"");
  }
  if (events_json.empty()) {
    body.push_back('}');
    return;
  }
  absl::StrAppend(&body, EventsStart());
  for (size_t& offset : batch.event_offsets) offset += body.size();
  absl::StrAppend(&body, events_json, kEnd);
}

std::optional<PreparedBatch> BatchBuilder::MakeUserBatch(
    int index, int lane, std::string key, absl::string_view batch_json) const {
  if (SizeOf(batch_json, 0) > kMaxBatchBytes) return std::nullopt;
  PreparedBatch batch{
      .keys = {std::move(key)}, .identifies = {index}, .lane = lane};
  WriteBody(WithoutBrace(batch_json), "", batch);
  return batch;
}

PreparedBatch BatchBuilder::PartOf(const PreparedBatch& batch, size_t first,
                                   size_t last) const {
  PreparedBatch part{.identifies = batch.identifies, .lane = batch.lane};
  part.events.assign(batch.events.begin() + first, batch.events.begin() + last);
  part.keys.assign(batch.keys.begin() + first, batch.keys.begin() + last);
  const std::vector<size_t>& offsets = batch.event_offsets;
  for (size_t i = first; i < last; ++i) {
    part.event_offsets.push_back(offsets[i] - offsets[first]);
  }
  const absl::string_view body = batch.body;
  // Between two events stands a comma, after the last one kEnd.
  const size_t events_end =
      last < offsets.size() ? offsets[last] - 1 : body.size() - kEnd.size();
  const size_t user_part = offsets.front() - EventsStart().size() - IdBytes();
  WriteBody(body.substr(0, user_part),
            body.substr(offsets[first], events_end - offsets[first]), part);
  return part;
}

std::vector<PreparedBatch> BatchBuilder::Finish() && {
  for (size_t i = 0; i < batches_.size(); ++i) {
    WriteBody(WithoutBrace(parts_[i].batch_json), parts_[i].events_json,
              batches_[i]);
  }
  return std::move(batches_);
}

}  // namespace signal_delivery::mapping
