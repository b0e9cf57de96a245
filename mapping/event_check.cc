#include "mapping/event_check.h"

#include <string>

#include "google/protobuf/util/time_util.h"
#include "mapping/event_fields.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::EventType;
using ::google::protobuf::util::TimeUtil;

bool IsKnown(EventType type) {
  return datafly::signal::v1::EventType_IsValid(type) &&
         type != EventType::EVENT_TYPE_UNSPECIFIED;
}

bool IsValid(const EventFields::Timestamp& time) {
  return time.seconds >= TimeUtil::kTimestampMinSeconds &&
         time.seconds <= TimeUtil::kTimestampMaxSeconds && time.nanos >= 0 &&
         time.nanos < 1'000'000'000;
}

}  // namespace

void CheckEvent(const SourceEvent& source, Findings& findings) {
  const EventFields& event = source.fields;
  for (const std::string& path : source.hidden) {
    findings.warnings.push_back(
        {Rule::kPropertyOnce, path, "",
         "a field of the same name is set too and counts; left out"});
  }
  const auto violate = [&](Rule rule, const char* field,
                           const char* description) {
    findings.violations.push_back({rule, field, "", description});
  };
  if (!IsKnown(event.type())) {
    violate(Rule::kType, "type", "must be track, page, identify or group");
  }
  if (event.type() == EventType::EVENT_TYPE_TRACK && event.event().empty()) {
    violate(Rule::kEvent, "event", "a track must name what happened");
  }
  if (event.user_id().empty() && event.anonymous_id().empty()) {
    violate(Rule::kUser, "user_id", "user_id or anonymous_id must be set");
  }
  if (event.timestamp().has_value() && !IsValid(*event.timestamp())) {
    violate(Rule::kTimestamp, "timestamp",
            "is not a time from year 1 to year 9999");
  }
  // An identify has no event of its own that could be counted twice.
  if (event.message_id().empty() &&
      event.type() != EventType::EVENT_TYPE_IDENTIFY) {
    if (event.timestamp().has_value()) {
      findings.warnings.push_back(
          {Rule::kRepeatRecognition, "message_id", "",
           "is missing; a repeat is only recognised if it is the same in every "
           "field"});
    } else {
      violate(Rule::kMessageId, "message_id",
              "message_id or timestamp must be set: without either, a repeat "
              "cannot be told from a new event");
    }
  }
}

}  // namespace signal_delivery::mapping
