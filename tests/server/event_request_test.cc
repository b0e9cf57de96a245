// gRPC hands on a request's bytes in pieces of its own choice.
#include "server/event_request.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/support/byte_buffer.h"
#include "mapping/event_key_list.h"
#include "mapping/source_event.h"
#include "tests/support/byte_pieces.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::signal::v1::Event;
using ::google::protobuf::util::MessageDifferencer;
using ::signal_delivery::support::InPieces;

TEST(EventRequestTest, IsTheSameInWhateverPiecesItComes) {
  DeliverEventsRequest sent;
  sent.set_integration_id("acme");
  for (int i = 0; i < 20; ++i) {
    Event& event = *sent.add_events();
    if (i == 10) continue;  // An empty one.
    event.set_message_id(absl::StrCat("message-", i));
    event.mutable_context()->set_locale("en-US");
    (*event.mutable_properties()->mutable_fields())["text"].set_string_value(
        std::string(10 * i, 'x'));
  }
  const std::string wire = sent.SerializeAsString();
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{17}, size_t{50},
                             size_t{256}, wire.size()}) {
    SCOPED_TRACE(piece);
    // The request alone keeps the bytes.
    const auto request = EventRequest::Read(InPieces(wire, piece));
    ASSERT_TRUE(request.ok()) << request.status();
    ASSERT_EQ((*request)->size(), sent.events_size());
    const std::vector<const mapping::SourceEvent*> events =
        (*request)->sources();
    for (int i = 0; i < sent.events_size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(mapping::WholeMessage(*events[i]),
                                             sent.events(i)))
          << i;
    }
  }
}

TEST(EventRequestTest, AnEventWithoutAMessageIdHasTheSameKeyInAnyPieces) {
  DeliverEventsRequest sent;
  Event& event = *sent.add_events();
  event.set_user_id("u1");
  event.mutable_timestamp()->set_seconds(1706540000);
  event.mutable_context()->set_locale("en-US");
  (*event.mutable_properties()->mutable_fields())["text"].set_string_value(
      std::string(100, 'x'));
  const Event same = event;
  *sent.add_events() = same;
  Event& unknown = *sent.add_events();
  unknown = same;
  unknown.GetReflection()->MutableUnknownFields(&unknown)->AddVarint(1000, 1);
  const std::string wire = sent.SerializeAsString();
  const auto keys = [&](size_t piece) {
    const auto request = EventRequest::Read(InPieces(wire, piece));
    EXPECT_TRUE(request.ok()) << request.status();
    std::vector<std::string> keys;
    for (const mapping::SourceEvent* source : (*request)->sources()) {
      mapping::EventKeyList key;
      key.Add(*source);
      keys.emplace_back(key.text());
    }
    return keys;
  };
  const std::vector<std::string> whole = keys(wire.size());
  ASSERT_EQ(whole.size(), 3u);
  EXPECT_EQ(whole[1], whole[0]);
  EXPECT_NE(whole[2], whole[0]);
  for (size_t piece = 1; piece < wire.size(); ++piece) {
    EXPECT_EQ(keys(piece), whole) << piece;
  }
}

TEST(EventRequestTest, AnEventSharesTheContextOfOneThatCameInPieces) {
  DeliverEventsRequest sent;
  for (const char* id : {"1", "2", "3"}) {
    Event& event = *sent.add_events();
    event.set_message_id(id);
    event.mutable_context()->mutable_page()->set_url("https://shop.example/");
  }
  const std::string wire = sent.SerializeAsString();
  for (size_t piece = 1; piece <= wire.size(); ++piece) {
    SCOPED_TRACE(piece);
    const auto request = EventRequest::Read(InPieces(wire, piece));
    ASSERT_TRUE(request.ok()) << request.status();
    for (int i = 0; i < sent.events_size(); ++i) {
      const mapping::EventFields& event = (*request)->event(i);
      EXPECT_EQ(event.message_id(), sent.events(i).message_id());
      EXPECT_EQ(event.context().page().url(), "https://shop.example/");
      EXPECT_EQ(&event.context(), &(*request)->event(0).context());
    }
  }
}

TEST(EventRequestTest, OfAnEventThatEndsBehindItIsUnreadable) {
  for (const absl::string_view wire :
       {"\x12\x03\x5A", "\x12\xFF\xFF\xFF\x7F\x5A", "\x12\xFF\xFF\xFF\xFF\x0F",
        "\x12"}) {
    for (const size_t piece : {size_t{1}, wire.size()}) {
      EXPECT_FALSE(EventRequest::Read(InPieces(wire, piece)).ok());
    }
  }
}

}  // namespace
}  // namespace signal_delivery::server
