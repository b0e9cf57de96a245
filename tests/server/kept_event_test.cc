// An event as the event debugger keeps it, and what filters look at of it.
#include "server/kept_event.h"

#include <gtest/gtest.h>

#include <memory>

#include "google/protobuf/util/message_differencer.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DebuggedEvent;
using ::datafly::delivery::v1::EventResult;
using ::datafly::delivery::v1::OUTCOME_REJECTED;
using ::datafly::delivery::v1::REASON_INVALID_EVENT;
using ::google::protobuf::util::MessageDifferencer;

// With every field that the recorder sets.
DebuggedEvent Full() {
  DebuggedEvent event;
  event.mutable_time()->set_seconds(1'700'000'000);
  event.mutable_time()->set_nanos(999'999'999);
  event.set_integration_id("acme");
  event.set_environment("production");
  event.set_caller("shop");
  event.set_trace_id("0af7651916cd43dd8448eb211c80319c");
  event.set_event_type("track");
  event.set_event_name("Größe gewählt");
  EventResult& result = *event.mutable_result();
  result.set_message_id("m-1");
  result.set_outcome(OUTCOME_REJECTED);
  result.set_reason(REASON_INVALID_EVENT);
  result.set_detail("mParticle refused the batch");
  result.set_hint("see ERRORS.md");
  result.add_violations()->set_signal_path("properties.total");
  result.add_warnings()->set_mparticle_path("events[0].data");
  result.set_http_status(400);
  result.set_attempts(2);
  result.set_source_request_id("r-1");
  result.mutable_retry_after()->set_seconds(3);
  event.mutable_call_duration()->set_nanos(5);
  event.mutable_delivery_duration()->set_seconds(1);
  event.set_batch_events(300);
  // Text that would be fields, if anybody took it for such.
  event.set_payload(
      "{\"a\":1}\x1a\x04"
      "beta\x42\x04"
      "None");
  return event;
}

TEST(KeptEventTest, IsReadAsItWasKept) {
  for (const DebuggedEvent& event : {Full(), DebuggedEvent()}) {
    const KeptEvent kept(event);
    EXPECT_TRUE(MessageDifferencer::Equals(kept.Read(), event))
        << kept.Read().ShortDebugString();
    EXPECT_EQ(kept.size(), event.ByteSizeLong());
  }
}

TEST(KeptEventTest, HasTheMarksOfItsFields) {
  const KeptEvent kept(Full());
  const EventMarks marks = kept.marks();
  EXPECT_EQ(marks.integration_id, "acme");
  EXPECT_EQ(marks.message_id, "m-1");
  EXPECT_EQ(marks.event_name, "Größe gewählt");
  EXPECT_EQ(marks.outcome, OUTCOME_REJECTED);
  EXPECT_EQ(marks.reason, REASON_INVALID_EVENT);
}

TEST(KeptEventTest, HasEmptyMarksOfWhatIsNotSet) {
  DebuggedEvent event;
  event.set_payload("{}");
  event.mutable_result()->set_detail("not the message_id");
  const KeptEvent kept(event);
  const EventMarks marks = kept.marks();
  EXPECT_EQ(marks.integration_id, "");
  EXPECT_EQ(marks.message_id, "");
  EXPECT_EQ(marks.event_name, "");
  EXPECT_EQ(marks.outcome, 0);
  EXPECT_EQ(marks.reason, 0);
}

TEST(KeptEventTest, ItsMarksLiveAsLongAsACopy) {
  auto first = std::make_unique<const KeptEvent>(Full());
  const EventMarks marks = first->marks();
  const KeptEvent copy = *first;
  first.reset();
  EXPECT_EQ(marks.message_id, "m-1");
  EXPECT_EQ(copy.Read().result().message_id(), "m-1");
}

}  // namespace
}  // namespace signal_delivery::server
