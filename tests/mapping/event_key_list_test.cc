// Which events are the same: a repeated event must be known again however its
// bytes come, and another must not be taken for it.
#include "mapping/event_key_list.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;

// A field that nobody knows, with a number.
constexpr absl::string_view kUnknown("\x78\x01", 2);
constexpr absl::string_view kOtherUnknown("\x78\x02", 2);

Event Order() {
  Event event;
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_event("Order Completed");
  event.set_user_id("u1");
  event.mutable_timestamp()->set_seconds(1706540000);
  event.mutable_context()->set_locale("en-US");
  event.mutable_context()->set_ip("203.0.113.5");
  auto& consent =
      *event.mutable_context()->mutable_consent()->mutable_categories();
  for (const char* category : {"ads", "analytics", "marketing"}) {
    consent[category] = true;
  }
  auto& properties = *event.mutable_properties()->mutable_fields();
  properties["currency"].set_string_value("EUR");
  properties["order_id"].set_string_value("o1");
  return event;
}

std::string Key(const SourceEvent& event) {
  EventKeyList keys;
  keys.Add(event);
  return std::string(keys.text());
}
std::string Key(absl::string_view wire) {
  Arena arena;
  SourceEvent event;
  EXPECT_TRUE(EventReader(arena).Read(wire, event));
  return Key(event);
}
std::string Key(const Event& event) { return Key(event.SerializeAsString()); }

TEST(EventKeyListTest, WithoutAMessageIdIsThatOfTheContent) {
  EXPECT_EQ(Key(Order()), Key(Order()));
  Event other = Order();
  other.set_user_id("u2");
  EXPECT_NE(Key(other), Key(Order()));
  other = Order();
  other.mutable_timestamp()->set_nanos(1);
  EXPECT_NE(Key(other), Key(Order()));
  other = Order();
  other.mutable_context()->set_locale("de-DE");
  EXPECT_NE(Key(other), Key(Order()));
  other = Order();
  other.set_anonymous_id("");
  EXPECT_NE(Key(other), Key(Order()));
}

TEST(EventKeyListTest, IsTheSameWhicheverWayTheEventIsRead) {
  Arena arena;
  const Event event = Order();
  EXPECT_EQ(Key(SourceEventOf(event, arena)), Key(event));
}

TEST(EventKeyListTest, IsTheSameWhetherTheContentComesInOnePieceOrInSeveral) {
  Event first = Order();
  first.mutable_context()->clear_ip();
  first.mutable_properties()->mutable_fields()->erase("order_id");
  first.mutable_timestamp()->clear_seconds();
  first.set_user_id("not yet");
  Event second = Order();
  second.clear_type();
  second.mutable_context()->clear_locale();
  second.mutable_properties()->mutable_fields()->erase("currency");
  EXPECT_EQ(Key(first.SerializeAsString() + second.SerializeAsString()),
            Key(Order()));
}

TEST(EventKeyListTest, IsTheSameForPropertiesByTypeAndByName) {
  Event by_type = Order();
  by_type.mutable_properties()->mutable_fields()->erase("order_id");
  by_type.mutable_ecommerce()->set_order_id("o1");
  EXPECT_EQ(Key(by_type), Key(Order()));
}

TEST(EventKeyListTest, AFieldThatNobodyKnowsMakesAnotherEvent) {
  const std::string wire = Order().SerializeAsString();
  const std::string with_unknown = absl::StrCat(wire, kUnknown);
  EXPECT_NE(Key(with_unknown), Key(wire));
  EXPECT_EQ(Key(absl::StrCat(kUnknown, wire)), Key(with_unknown));
  EXPECT_NE(Key(absl::StrCat(wire, kOtherUnknown)), Key(with_unknown));

  Event in_context = Order();
  ASSERT_TRUE(
      in_context.mutable_context()->MergeFromString(std::string(kUnknown)));
  EXPECT_NE(Key(in_context), Key(wire));
}

TEST(EventKeyListTest, WithAMessageIdIsThatOfWhatNamesTheEvent) {
  Event event = Order();
  event.set_message_id("m1");
  const std::string wire = event.SerializeAsString();
  Event changed = event;
  changed.mutable_context()->set_locale("de-DE");
  changed.clear_properties();
  EXPECT_EQ(Key(changed), Key(wire));
  EXPECT_EQ(Key(absl::StrCat(wire, kUnknown)), Key(wire));
  changed.set_event("Order Refunded");
  EXPECT_NE(Key(changed), Key(wire));
}

}  // namespace
}  // namespace signal_delivery::mapping
