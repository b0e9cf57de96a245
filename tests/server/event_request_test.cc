// gRPC hands on a request's bytes in pieces of its own choice.
#include "server/event_request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/support/byte_buffer.h"
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
