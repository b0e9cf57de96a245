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

bool BatchBuilder::Add(const MappedEvent& event) {
  const auto found = open_.find(event.lane);
  if (found != open_.end() && found->second.group == event.group) {
    Open& open = found->second;
    const size_t events_bytes =
        open.events_json.size() + 1 + event.event_json.size();
    if (SizeOf(open.batch_json, events_bytes) <= kMaxBatchBytes) {
      absl::StrAppend(&open.events_json, ",", event.event_json);
      open.keys.push_back(event.key);
      PreparedBatch& batch = batches_[open.position];
      batch.events.push_back(event.index);
      for (const int identify : event.identifies) {
        if (std::find(batch.identifies.begin(), batch.identifies.end(),
                      identify) == batch.identifies.end()) {
          batch.identifies.push_back(identify);
        }
      }
      return true;
    }
  }
  if (SizeOf(event.batch_json, event.event_json.size()) > kMaxBatchBytes) {
    return false;
  }
  Start(event);
  return true;
}

void BatchBuilder::Start(const MappedEvent& event) {
  const auto found = open_.find(event.lane);
  if (found != open_.end()) Close(found->second);
  open_[event.lane] = {batches_.size(),
                       std::string(event.group),
                       std::string(event.batch_json),
                       std::string(event.event_json),
                       {event.key}};
  PreparedBatch& batch = batches_.emplace_back();
  batch.lane = event.lane;
  batch.events.push_back(event.index);
  batch.identifies = event.identifies;
}

void BatchBuilder::Close(Open& open) {
  PreparedBatch& batch = batches_[open.position];
  std::string& body = batch.body;
  body.reserve(SizeOf(open.batch_json, open.events_json.size()));
  body.append(open.batch_json, 0, open.batch_json.size() - 1);
  if (options_.source_request_id) {
    batch.source_request_id = SourceRequestId(options_.api_key, open.keys);
    absl::StrAppend(&body, IdStart(), "\"", batch.source_request_id, "\"");
  }
  absl::StrAppend(&body, EventsStart(), open.events_json, kEnd);
}

std::vector<PreparedBatch> BatchBuilder::Finish() && {
  for (auto& [lane, open] : open_) Close(open);
  return std::move(batches_);
}

}  // namespace signal_delivery::mapping
