// mParticle knows a batch that it has by its id: where one version of the
// service posts again what another one posted, it must have the same.
#include "mapping/source_request_id.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "mapping/batch_id.h"
#include "mapping/event_key_list.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;

Event Order() {
  Event event;
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_message_id("m1");
  event.set_event("Order Completed");
  event.set_user_id("u1");
  event.set_anonymous_id("d1");
  event.mutable_timestamp()->set_seconds(1706540000);
  event.mutable_timestamp()->set_nanos(5);
  return event;
}

Event Page() {
  Event event;
  event.set_type(datafly::signal::v1::EVENT_TYPE_PAGE);
  event.set_message_id("m2");
  event.set_anonymous_id("d1");
  return event;
}

EventKeyList KeysOf(std::initializer_list<Event> events) {
  google::protobuf::Arena arena;
  EventKeyList keys;
  for (const Event& event : events) keys.Add(SourceEventOf(event, arena));
  return keys;
}

BatchId IdOf(const EventKeyList& keys) {
  return SourceRequestId("key", "acme", keys);
}

// By hand: SHA-256 of `3:key,4:acme`, and for each event `,LENGTH:` and its
// type, seconds, nanoseconds, message_id, name, user_id and anonymous_id with
// U+001F between them.
TEST(SourceRequestIdTest, StaysFromVersionToVersion) {
  EXPECT_EQ(IdOf(KeysOf({Order()})), "d83f201e8c17400034e49e7eefb61d59");
  EXPECT_EQ(IdOf(KeysOf({Order(), Page()})),
            "f0ac4b4c0e2d7e6670a13f43338a3a07");
}

// The key is `content:` and half the SHA-256 of the event's bytes on the wire,
// its fields in the order of their numbers.
TEST(SourceRequestIdTest, StaysForAnEventWithoutAMessageIdToo) {
  Event event;
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_event("Order Completed");
  event.set_user_id("u1");
  event.mutable_timestamp()->set_seconds(1706540000);
  EXPECT_EQ(IdOf(KeysOf({event})), "570e8ef971e2784f915f1a3000d9d878");
}

TEST(SourceRequestIdTest, TellsIntegrationsAndApiKeysApart) {
  const EventKeyList keys = KeysOf({Order()});
  EXPECT_NE(SourceRequestId("key", "acme2", keys), IdOf(keys));
  EXPECT_NE(SourceRequestId("key2", "acme", keys), IdOf(keys));
  EXPECT_NE(SourceRequestId("key,acme", "x", keys),
            SourceRequestId("key", "acme,x", keys));
}

TEST(SourceRequestIdTest, APartHasTheIdThatItsEventsAloneWouldHave) {
  const EventKeyList all = KeysOf({Order(), Page(), Order(), Page()});
  EXPECT_EQ(IdOf(all.Part(0, 2)), IdOf(KeysOf({Order(), Page()})));
  EXPECT_EQ(IdOf(all.Part(1, 3)), IdOf(KeysOf({Page(), Order()})));
  EXPECT_EQ(IdOf(all.Part(3, 4)), IdOf(KeysOf({Page()})));
  EXPECT_EQ(IdOf(all.Part(1, 4).Part(1, 3)), IdOf(KeysOf({Order(), Page()})));
  EXPECT_EQ(all.Part(1, 4).size(), 3u);
}

}  // namespace
}  // namespace signal_delivery::mapping
