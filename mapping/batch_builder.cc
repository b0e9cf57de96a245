#include "mapping/batch_builder.h"

#include <algorithm>
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

// By so much a batch makes room for what it may never get.
constexpr size_t kMostGrowth = 3;

// Makes room for the members that follow.
absl::string_view WithoutBrace(absl::string_view batch_json) {
  return batch_json.substr(0, batch_json.size() - 1);
}

}  // namespace

size_t BatchBuilder::SizeOf(size_t user_bytes, size_t events_bytes) const {
  return user_bytes + IdBytes() + EventsStart().size() + events_bytes +
         kEnd.size();
}

size_t BatchBuilder::IdBytes() const {
  if (!options_.source_request_id) return 0;
  return IdStart().size() + kSourceRequestIdDigits + 2;  // its quotes
}

std::optional<size_t> BatchBuilder::BatchFor(const MappedEvent& event) const {
  const size_t* of_device =
      event.anonymous_id.empty()
          ? nullptr
          : latest_of_anonymous_id_.Find(event.anonymous_id);
  const size_t* position = event.user_id.empty()
                               ? of_device
                               : latest_of_user_id_.Find(event.user_id);
  if (position == nullptr) return std::nullopt;
  // Somebody of whom only a part is known to be the same.
  if (!event.anonymous_id.empty() &&
      (of_device == nullptr || *of_device != *position)) {
    return std::nullopt;
  }
  const PreparedBatch& batch = batches_[*position];
  const bool is_full =
      options_.max_events > 0 && batch.keys.size() >= options_.max_events;
  const size_t bytes =
      batch.body.size() + 1 + event.event_json.size() + kEnd.size();
  if (is_full || bytes > kMaxBatchBytes || !IsOfGroup(event, *position)) {
    return std::nullopt;
  }
  return *position;
}

bool BatchBuilder::IsOfGroup(const MappedEvent& event, size_t position) const {
  const Parts& parts = parts_[position];
  if (!event.group.empty() || !parts.group.empty()) {
    return event.group == parts.group;
  }
  const absl::string_view body = batches_[position].body;
  return body.substr(0, parts.user_bytes) == WithoutBrace(event.batch_json);
}

void BatchBuilder::AddIdentifies(const std::vector<int>& told_by,
                                 size_t position) {
  if (told_by.empty()) return;
  auto& told = parts_[position].told;
  auto known = std::find_if(
      told.begin(), told.end(),
      [&](const auto& told_before) { return told_before.first == &told_by; });
  if (known == told.end()) known = told.insert(known, {&told_by, 0});
  auto& identifies = batches_[position].identifies;
  identifies.insert(identifies.end(), told_by.begin() + known->second,
                    told_by.end());
  known->second = told_by.size();
}

void BatchBuilder::Remember(const MappedEvent& event, size_t position) {
  if (!event.user_id.empty()) {
    latest_of_user_id_.FindOrAdd(event.user_id, position) = position;
  }
  if (!event.anonymous_id.empty()) {
    latest_of_anonymous_id_.FindOrAdd(event.anonymous_id, position) = position;
  }
}

void BatchBuilder::MakeRoom(const MappedEvent& event,
                            PreparedBatch& batch) const {
  const size_t bytes = 1 + event.event_json.size();
  if (batch.body.size() + bytes + kEnd.size() <= batch.body.capacity()) return;
  // As if the events to come were as long, and shared out among the batches. No
  // more than kMostGrowth times what it has: they may be others'.
  const auto so_far = static_cast<size_t>(event.index) + 1;
  const size_t to_come = std::max(options_.request_events, so_far) - so_far;
  size_t events = 1 + std::min(to_come / batches_.size(),
                               kMostGrowth * batch.events.size());
  if (options_.max_events > 0) {
    events = std::min(events, options_.max_events - batch.events.size());
  }
  batch.body.reserve(std::min(
      kMaxBatchBytes, batch.body.size() + events * bytes + kEnd.size()));
  batch.events.reserve(batch.events.size() + events);
  batch.event_offsets.reserve(batch.event_offsets.size() + events);
}

bool BatchBuilder::Add(const MappedEvent& event) {
  std::optional<size_t> position = BatchFor(event);
  if (position.has_value()) {
    MakeRoom(event, batches_[*position]);
    batches_[*position].body.push_back(',');
  } else {
    const absl::string_view user_part = WithoutBrace(event.batch_json);
    if (SizeOf(user_part.size(), event.event_json.size()) > kMaxBatchBytes) {
      return false;
    }
    position = batches_.size();
    PreparedBatch& batch = batches_.emplace_back();
    batch.lane = event.lane;
    parts_.push_back({user_part.size(), std::string(event.group), {}});
    StartBody(user_part, event.event_json.size(), batch);
    absl::StrAppend(&batch.body, EventsStart());
  }
  PreparedBatch& batch = batches_[*position];
  batch.events.push_back(event.index);
  batch.keys.Add(event.source);
  batch.event_offsets.push_back(batch.body.size());
  absl::StrAppend(&batch.body, event.event_json);
  AddIdentifies(event.told_by, *position);
  Remember(event, *position);
  return true;
}

void BatchBuilder::StartBody(absl::string_view user_part, size_t events_bytes,
                             PreparedBatch& batch) const {
  batch.body.reserve(SizeOf(user_part.size(), events_bytes));
  absl::StrAppend(&batch.body, user_part);
  if (!options_.source_request_id) return;
  absl::StrAppend(&batch.body, IdStart(), "\"");
  batch.body.append(kSourceRequestIdDigits, '0');
  batch.body.push_back('"');
}

void BatchBuilder::FinishBody(size_t user_bytes, PreparedBatch& batch) const {
  batch.id =
      SourceRequestId(options_.api_key, options_.integration_id, batch.keys);
  if (options_.source_request_id) {
    batch.source_request_id = batch.id;
    std::copy(batch.id.text().begin(), batch.id.text().end(),
              batch.body.begin() + user_bytes + IdStart().size() + 1);
  }
  absl::StrAppend(&batch.body, batch.events.empty() ? "}" : kEnd);
}

std::optional<PreparedBatch> BatchBuilder::MakeUserBatch(
    int index, int lane, const SourceEvent& source,
    absl::string_view batch_json) const {
  const absl::string_view user_part = WithoutBrace(batch_json);
  if (SizeOf(user_part.size(), 0) > kMaxBatchBytes) return std::nullopt;
  PreparedBatch batch{.identifies = {index}, .lane = lane};
  batch.keys.Add(source);
  StartBody(user_part, 0, batch);
  FinishBody(user_part.size(), batch);
  return batch;
}

PreparedBatch BatchBuilder::PartOf(const PreparedBatch& batch, size_t first,
                                   size_t last) const {
  PreparedBatch part{.keys = batch.keys.Part(first, last),
                     .identifies = batch.identifies,
                     .lane = batch.lane};
  part.events.assign(batch.events.begin() + first, batch.events.begin() + last);
  const auto& offsets = batch.event_offsets;
  const absl::string_view body = batch.body;
  // Between two events stands a comma, after the last one kEnd.
  const size_t events_end =
      last < offsets.size() ? offsets[last] - 1 : body.size() - kEnd.size();
  const size_t user_bytes = offsets.front() - EventsStart().size() - IdBytes();
  const size_t events_bytes = events_end - offsets[first];
  StartBody(body.substr(0, user_bytes), events_bytes, part);
  absl::StrAppend(&part.body, EventsStart());
  for (size_t i = first; i < last; ++i) {
    part.event_offsets.push_back(part.body.size() + offsets[i] -
                                 offsets[first]);
  }
  absl::StrAppend(&part.body, body.substr(offsets[first], events_bytes));
  FinishBody(user_bytes, part);
  return part;
}

std::vector<PreparedBatch> BatchBuilder::Finish() && {
  for (size_t i = 0; i < batches_.size(); ++i) {
    FinishBody(parts_[i].user_bytes, batches_[i]);
  }
  return std::move(batches_);
}

}  // namespace signal_delivery::mapping
