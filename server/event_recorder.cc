#include "server/event_recorder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DebuggedEvent;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::EventResult;
using ::datafly::delivery::v1::Finding;
using ::datafly::delivery::v1::Outcome;
using ::datafly::signal::v1::EventType;
using mapping::PreparedBatch;

// What stands behind the last event of a body.
constexpr absl::string_view kBodyEnd = "]}";

// The events to write down, in their order: those that were not accepted first,
// as they are what is looked for.
std::vector<int> Choose(const DeliverEventsResponse& response, size_t count) {
  std::vector<int> chosen;
  for (const bool accepted : {false, true}) {
    for (int i = 0; i < response.results_size(); ++i) {
      if (chosen.size() == count) break;
      const Outcome outcome = response.results(i).outcome();
      if ((outcome == Outcome::OUTCOME_ACCEPTED) == accepted) {
        chosen.push_back(i);
      }
    }
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::string TypeName(const mapping::EventFields& event) {
  if (event.type() == EventType::EVENT_TYPE_UNSPECIFIED) return "";
  const std::string& name = datafly::signal::v1::EventType_Name(event.type());
  return absl::AsciiStrToLower(absl::StripPrefix(name, "EVENT_TYPE_"));
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  const google::protobuf::Duration since = ToProto(time - absl::UnixEpoch());
  google::protobuf::Timestamp proto;
  proto.set_seconds(since.seconds());
  proto.set_nanos(since.nanos());
  return proto;
}

void RedactPaths(google::protobuf::RepeatedPtrField<Finding>& findings) {
  for (Finding& finding : findings) {
    finding.set_signal_path(mapping::ShownName(finding.signal_path()));
    finding.set_mparticle_path(mapping::ShownName(finding.mparticle_path()));
  }
}

// The body without the batch's other events: of an identify, which has none of
// its own, without all.
std::string BodyOf(const PreparedBatch& batch, absl::string_view body,
                   int event) {
  const auto& offsets = batch.event_offsets;
  if (offsets.empty()) return std::string(body);
  const absl::string_view start = body.substr(0, offsets.front());
  for (size_t i = 0; i < batch.events.size(); ++i) {
    if (batch.events[i] != event) continue;
    const size_t end = i + 1 < offsets.size() ? offsets[i + 1] - 1
                                              : body.size() - kBodyEnd.size();
    return absl::StrCat(start, body.substr(offsets[i], end - offsets[i]),
                        kBodyEnd);
  }
  return absl::StrCat(start, kBodyEnd);
}

}  // namespace

EventRecorder::EventRecorder(RecentEvents& recent,
                             std::function<absl::Time()> clock)
    : recent_(recent),
      clock_(std::move(clock)),
      redactor_(*mparticle::events::v2::Batch::descriptor()) {}

void EventRecorder::Record(const Call& call) {
  const absl::Time now = clock_();
  const auto count = static_cast<size_t>(call.response.results_size());
  const std::vector<int> chosen = Choose(
      call.response, allowed_.Take(std::min(count, kMaxEventsPerCall), now));
  recent_.Add(call.integration_id, Describe(call, chosen, now),
              static_cast<int64_t>(count - chosen.size()));
}

std::vector<KeptEvent> EventRecorder::Describe(const Call& call,
                                               const std::vector<int>& chosen,
                                               absl::Time now) const {
  std::vector<KeptEvent> events;
  if (chosen.empty()) return events;  // as of most calls, where there are many
  const std::vector<int> deciding =
      DecidingBatches(call.request.size(), call.mapped, call.outcomes);
  events.reserve(chosen.size());
  DebuggedEvent described;
  for (const int index : chosen) {
    described.Clear();
    DescribeEvent(call, index, now, described);
    const int sent = call.repeats.SentFor(index);
    if (deciding[sent] >= 0) {
      DescribeDelivery(call, sent, deciding[sent], described);
    }
    events.emplace_back(described);
  }
  return events;
}

void EventRecorder::DescribeEvent(const Call& call, int index, absl::Time now,
                                  DebuggedEvent& described) const {
  const mapping::EventFields& event = call.request.event(index);
  *described.mutable_time() = ToProto(now);
  described.set_integration_id(call.integration_id);
  described.set_environment(call.environment);
  described.set_caller(call.info.caller);
  described.set_trace_id(call.info.trace.trace_id());
  described.set_event_type(TypeName(event));
  if (event.type() == EventType::EVENT_TYPE_TRACK) {
    described.set_event_name(mapping::ShownText(event.event()));
  }
  *described.mutable_call_duration() = ToProto(call.duration);

  EventResult& result = *described.mutable_result();
  result = call.response.results(index);
  result.set_message_id(mapping::ShownText(result.message_id()));
  RedactPaths(*result.mutable_violations());
  RedactPaths(*result.mutable_warnings());
}

void EventRecorder::DescribeDelivery(const Call& call, int event, int batch,
                                     DebuggedEvent& described) const {
  const BatchOutcome& outcome = call.outcomes[batch];
  const PreparedBatch& carrier = call.mapped.batches[batch];
  if (!outcome.verdict.upstream_message.empty()) {
    described.mutable_result()->set_detail(DetailOf(outcome));
  }
  if (outcome.took.has_value()) {
    *described.mutable_delivery_duration() = ToProto(*outcome.took);
  }
  described.set_batch_events(static_cast<int>(carrier.events.size()));
  // A track event's name is one of a few; what others have in its place, such
  // as a page's, may be anything.
  const bool is_track =
      call.request.event(event).type() == EventType::EVENT_TYPE_TRACK;
  described.set_payload(
      redactor_.Redact(BodyOf(carrier, *outcome.body, event),
                       is_track ? mapping::Redactor::Texts::kAsTheSchemaSays
                                : mapping::Redactor::Texts::kHidden));
}

}  // namespace signal_delivery::server
