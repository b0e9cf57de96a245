// Events that are read one after the other share the context that both have,
// and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;
using ::google::protobuf::util::MessageDifferencer;

TEST(SharedContextTest, EventsThatFollowOneAnotherShareTheContextThatBothHave) {
  Event first;
  first.set_message_id("1");
  first.mutable_context()->mutable_page()->set_url("https://shop.example/1");
  Event same = first;
  same.set_message_id("2");
  Event other = first;
  other.mutable_context()->mutable_page()->set_url("https://shop.example/2");
  Event none;
  none.set_message_id("4");
  // In two pieces, which are one context: read by Protocol Buffers.
  const std::string in_pieces =
      first.SerializeAsString() + other.SerializeAsString();
  const std::vector<std::string> wires = {
      first.SerializeAsString(), same.SerializeAsString(),
      other.SerializeAsString(), none.SerializeAsString(),
      first.SerializeAsString(), in_pieces};

  Arena arena;
  EventReader reader(arena);
  std::vector<SourceEvent> events(wires.size());
  for (size_t i = 0; i < wires.size(); ++i) {
    ASSERT_TRUE(reader.Read(wires[i], events[i]));
    Event expected;
    ASSERT_TRUE(expected.ParseFromString(wires[i]));
    EXPECT_TRUE(MessageDifferencer::Equals(WholeMessage(events[i]), expected));
  }
  const auto context = [&](int i) { return &events[i].fields.context(); };
  EXPECT_EQ(context(1), context(0));
  EXPECT_NE(context(2), context(0));
  EXPECT_FALSE(events[3].fields.has_context());
  EXPECT_NE(context(5), context(4));
}

TEST(SharedContextTest, AContextThatCannotBeReadIsNobodysButItsOwn) {
  Event good;
  good.mutable_context()->set_locale("en-US");
  // context.locale, which is no UTF-8.
  const std::string bad = "\x4A\x03\x22\x01\xFF";
  Arena arena;
  EventReader reader(arena);
  SourceEvent event;
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(reader.Read(bad, event));
    EXPECT_FALSE(event.fields.has_context());
    ASSERT_TRUE(reader.Read(good.SerializeAsString(), event));
    EXPECT_EQ(event.fields.context().locale(), "en-US");
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
