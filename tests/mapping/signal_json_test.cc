#include "mapping/signal_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "mapping/struct_json.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Event Textproto(const std::string& text) {
  Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event));
  return event;
}

// Reads one event that must be readable.
Event Read(const std::string& json) {
  absl::StatusOr<Event> event = EventFromJson(json);
  EXPECT_TRUE(event.ok()) << event.status() << "\n" << json;
  return event.ok() ? *event : Event();
}

// The message of the error that `json` must give.
std::string Error(const std::string& json) {
  absl::StatusOr<Event> event = EventFromJson(json);
  EXPECT_FALSE(event.ok()) << json;
  if (event.ok()) return "";
  EXPECT_EQ(event.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(event.status().message());
}

std::string EventsError(const std::string& json) {
  const auto events = EventsFromJson(json);
  EXPECT_FALSE(events.ok()) << json;
  return events.ok() ? "" : std::string(events.status().message());
}

MATCHER_P(EqualsEvent, expected, "") {
  *result_listener << arg.DebugString();
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

// Every field of a canonical event, in Signal's spelling.
constexpr char kFullEvent[] = R"({
  "type": "track", "event": "Order Completed", "name": "Receipt",
  "properties": {"order_id": "T-77", "total": 42.5, "gift": false, "note": null,
                 "products": [{"product_id": "MUG-1", "quantity": 2}, "bag", 3]},
  "traits": {"email": "sam@example.org"},
  "userId": "u-1", "anonymousId": "an-2", "groupId": "g-3",
  "context": {
    "page": {"url": "https://shop.example/pay?x=1", "path": "/pay",
             "referrer": "", "title": "Pay", "search": "?x=1"},
    "device": {"type": "mobile", "manufacturer": "Fairphone", "model": "FP5"},
    "campaign": {"source": "news", "medium": "email", "name": "june",
                 "term": "mugs", "content": "top"},
    "locale": "fr-CH", "timezone": "Europe/Zurich", "ip": "2001:db8::7",
    "userAgent": "Example/1.0",
    "consent": {"categories": {"ads": false}, "canonical": {"marketing": true}}},
  "timestamp": "2026-03-01T08:15:30.250Z", "messageId": "evt_77"
})";

constexpr char kFullEventProto[] = R"pb(
  type: EVENT_TYPE_TRACK
  event: "Order Completed"
  name: "Receipt"
  properties {
    fields {
      key: "order_id"
      value { string_value: "T-77" }
    }
    fields {
      key: "total"
      value { number_value: 42.5 }
    }
    fields {
      key: "gift"
      value { bool_value: false }
    }
    fields {
      key: "note"
      value { null_value: NULL_VALUE }
    }
    fields {
      key: "products"
      value {
        list_value {
          values {
            struct_value {
              fields {
                key: "product_id"
                value { string_value: "MUG-1" }
              }
              fields {
                key: "quantity"
                value { number_value: 2 }
              }
            }
          }
          values { string_value: "bag" }
          values { number_value: 3 }
        }
      }
    }
  }
  traits {
    fields {
      key: "email"
      value { string_value: "sam@example.org" }
    }
  }
  user_id: "u-1"
  anonymous_id: "an-2"
  group_id: "g-3"
  context {
    page {
      url: "https://shop.example/pay?x=1"
      path: "/pay"
      referrer: ""
      title: "Pay"
      search: "?x=1"
    }
    device { type: "mobile" manufacturer: "Fairphone" model: "FP5" }
    campaign {
      source: "news"
      medium: "email"
      name: "june"
      term: "mugs"
      content: "top"
    }
    locale: "fr-CH"
    timezone: "Europe/Zurich"
    ip: "2001:db8::7"
    user_agent: "Example/1.0"
    consent {
      categories { key: "ads" value: false }
      canonical { key: "marketing" value: true }
    }
  }
  timestamp { seconds: 1772352930 nanos: 250000000 }
  message_id: "evt_77"
)pb";

TEST(SignalJson, EveryFieldOfACanonicalEventIsRead) {
  EXPECT_THAT(Read(kFullEvent), EqualsEvent(Textproto(kFullEventProto)));
}

TEST(SignalJson, WhatIsWrittenReadsBackTheSame) {
  const Event event = Textproto(kFullEventProto);
  const std::string json = EventToJson(event);
  EXPECT_THAT(Read(json), EqualsEvent(event));
  EXPECT_THAT(json, Not(HasSubstr("\n")));  // so that it is a JSON line
}

TEST(SignalJson, WritesSignalsOwnSpelling) {
  EXPECT_EQ(
      EventToJson(Textproto(R"pb(
        type: EVENT_TYPE_PAGE
        user_id: "u"
        message_id: "m"
        context {
          user_agent: "A"
          consent { categories { key: "ads" value: true } }
        }
        properties {
          fields {
            key: "n"
            value { number_value: 2 }
          }
        }
        timestamp { seconds: 1772352930 }
      )pb")),
      R"({"context":{"consent":{"categories":{"ads":true}},"userAgent":"A"},)"
      R"("messageId":"m","properties":{"n":2},)"
      R"("timestamp":"2026-03-01T08:15:30.000Z","type":"page","userId":"u"})");
}

TEST(SignalJson, EachTypeIsReadAndWritten) {
  for (const std::string type : {"track", "page", "identify", "group"}) {
    const std::string json = R"({"type":")" + type + R"("})";
    EXPECT_EQ(EventToJson(Read(json)), json);
  }
  EXPECT_EQ(Read(R"({"type":"group"})").type(),
            datafly::signal::v1::EVENT_TYPE_GROUP);
}

TEST(SignalJson, AnUnknownTypeIsAnErrorThatNamesTheTypes) {
  EXPECT_EQ(Error(R"({"type": "screen"})"),
            R"(type: expected "track", "page", "identify" or "group", )"
            "found another string");
  EXPECT_THAT(Error(R"({"type": 1})"), HasSubstr("found a number"));
}

TEST(SignalJson, SnakeCaseNamesAreReadToo) {
  EXPECT_THAT(Read(R"({"user_id": "u", "anonymous_id": "a", "group_id": "g",
                       "message_id": "m", "context": {"user_agent": "A"}})"),
              EqualsEvent(Textproto(R"pb(
                user_id: "u"
                anonymous_id: "a"
                group_id: "g"
                message_id: "m"
                context { user_agent: "A" }
              )pb")));
}

TEST(SignalJson, OfTwoSpellingsSignalsOwnWinsUnlessItIsNull) {
  EXPECT_EQ(Read(R"({"user_id": "snake", "userId": "camel"})").user_id(),
            "camel");
  EXPECT_EQ(Read(R"({"user_id": "snake", "userId": null})").user_id(), "snake");
}

TEST(SignalJson, NullMeansNotThere) {
  EXPECT_THAT(Read(R"({"type": null, "properties": null, "userId": null,
               "timestamp": null, "context": {"ip": null, "page": null,
               "device": {"model": null}, "consent": null}})"),
              EqualsEvent(Textproto("context { device {} }")));
}

TEST(SignalJson, EmptyIsToldApartFromNotThere) {
  const Event event =
      Read(R"({"userId": "", "properties": {}, "context": {"consent": {}}})");
  EXPECT_TRUE(event.has_user_id());
  EXPECT_TRUE(event.has_properties());
  EXPECT_FALSE(event.has_traits());
  EXPECT_TRUE(event.context().has_consent());
  EXPECT_THAT(Read(EventToJson(event)), EqualsEvent(event));
}

TEST(SignalJson, UnknownFieldsAreIgnored) {
  EXPECT_THAT(Read(R"({"userId": "u", "receivedAt": 5, "context":
                       {"library": {"name": "x"}, "page": {"hash": "#a"}}})"),
              EqualsEvent(Textproto(R"pb(user_id: "u"
                                         context { page {} })pb")));
}

TEST(SignalJson, OfARepeatedNameTheLastCounts) {
  EXPECT_EQ(Read(R"({"userId": "first", "userId": "last"})").user_id(), "last");
}

// ---- consent ----------------------------------------------------------------

TEST(SignalJson, FlatConsentIsReadIntoCategories) {
  EXPECT_THAT(Read(R"({"context": {"consent":
                       {"analytics": true, "marketing": false, "ads": null}}})"),
              EqualsEvent(Textproto(R"pb(
                context {
                  consent {
                    categories { key: "analytics" value: true }
                    categories { key: "marketing" value: false }
                  }
                }
              )pb")));
}

TEST(SignalJson, ConsentUnderCategoriesIsReadWithAndWithoutCanonical) {
  const Event without = Textproto(R"pb(
    context { consent { categories { key: "ads" value: true } } }
  )pb");
  EXPECT_THAT(
      Read(R"({"context": {"consent": {"categories": {"ads": true}}}})"),
      EqualsEvent(without));
  EXPECT_THAT(Read(R"({"context": {"consent": {"categories": {"ads": true},
                                               "canonical": null,
                                               "updatedAt": "today"}}})"),
              EqualsEvent(without));

  const Event with = Textproto(R"pb(
    context {
      consent {
        categories { key: "ads" value: true }
        canonical { key: "marketing" value: false }
      }
    }
  )pb");
  EXPECT_THAT(Read(R"({"context": {"consent": {"categories": {"ads": true},
                                   "canonical": {"marketing": false}}}})"),
              EqualsEvent(with));
}

TEST(SignalJson, ConsentThatIsNoBooleanIsAnError) {
  EXPECT_EQ(Error(R"({"context": {"consent": {"ads": "granted"}}})"),
            "context.consent.ads: expected a boolean, found a string");
  EXPECT_EQ(
      Error(R"({"context": {"consent": {"categories": {"ads": 1}}}})"),
      "context.consent.categories.ads: expected a boolean, found a number");
  EXPECT_EQ(
      Error(
          R"({"context": {"consent": {"categories": {}, "canonical": true}}})"),
      "context.consent.canonical: expected an object, found a boolean");
  EXPECT_EQ(Error(R"({"context": {"consent": true}})"),
            "context.consent: expected an object, found a boolean");
}

// ---- timestamp --------------------------------------------------------------

TEST(SignalJson, TimestampsAreReadWithAnyOffsetAndFraction) {
  struct Case {
    const char* text;
    std::int64_t seconds;
    std::int32_t nanos;
  };
  const Case cases[] = {
      {"2026-03-01T08:15:30Z", 1772352930, 0},
      {"2026-03-01T08:15:30.25Z", 1772352930, 250000000},
      {"2026-03-01T10:15:30.250+02:00", 1772352930, 250000000},
      {"2026-03-01T02:45:30.123456789-05:30", 1772352930, 123456789},
      {"1969-12-31T23:59:59.5Z", -1, 500000000},
      {"0001-01-01T00:00:00Z", -62135596800, 0},
      {"9999-12-31T23:59:59.999999999Z", 253402300799, 999999999},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Event event =
        Read(std::string(R"({"timestamp": ")") + c.text + "\"}");
    EXPECT_EQ(event.timestamp().seconds(), c.seconds);
    EXPECT_EQ(event.timestamp().nanos(), c.nanos);
    EXPECT_THAT(Read(EventToJson(event)), EqualsEvent(event));
  }
}

TEST(SignalJson, ATimestampOfAnotherFormIsAnError) {
  for (const std::string text :
       {"", "yesterday", "2026-03-01", "2026-03-01T08:15:30",  // no zone
        "2026-02-30T08:15:30Z", "2026-03-01T08:15:30Zulu", "1772352930",
        "10000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "infinite-future"}) {
    EXPECT_EQ(Error(R"({"timestamp": ")" + text + "\"}"),
              "timestamp: expected ISO 8601 with a time zone, for example "
              "\"2026-02-25T14:30:00.000Z\"")
        << text;
  }
  EXPECT_EQ(Error(R"({"timestamp": 1772352930})"),
            "timestamp: expected a string, found a number");
}

// ---- errors -----------------------------------------------------------------

TEST(SignalJson, AWrongTypeNamesPlaceAndExpectationButNotTheValue) {
  EXPECT_EQ(Error(R"({"userId": 4711})"),
            "userId: expected a string, found a number");
  EXPECT_EQ(Error(R"({"user_id": ["secret"]})"),
            "user_id: expected a string, found an array");
  EXPECT_EQ(Error(R"({"properties": "secret"})"),
            "properties: expected an object, found a string");
  EXPECT_EQ(Error(R"({"context": {"page": {"title": {}}}})"),
            "context.page.title: expected a string, found an object");
  EXPECT_EQ(Error("[]"), "expected an object, found an array");
}

TEST(SignalJson, AnErrorInAnArrayNamesTheEvent) {
  EXPECT_EQ(EventsError(R"([{}, {}, {"context": {"ip": 5}}])"),
            "events[2].context.ip: expected a string, found a number");
  EXPECT_EQ(EventsError("[{}, null]"),
            "events[1]: expected an object, found null");
}

TEST(SignalJson, AnErrorInJsonLinesNamesTheEventAndItsLine) {
  EXPECT_EQ(EventsError("{}\n\n{\n\"userId\":\n1}\n"),
            "events[1].userId: expected a string, found a number "
            "(the event starts at line 3)");
  EXPECT_EQ(EventsError("{}\n7\n"),
            "events[1]: expected an object, found a number "
            "(the event starts at line 2)");
}

TEST(SignalJson, TextThatIsNotJsonNamesLineAndColumnButNotTheText) {
  EXPECT_THAT(
      EventsError("{\"userId\": \"u\"}\n{\"userId\": hidden}\n"),
      AllOf(HasSubstr("line 2, column 12: not JSON"), Not(HasSubstr("hid"))));
  EXPECT_THAT(
      EventsError("{\"userId\": \"hidden"),
      AllOf(HasSubstr("line 1, column 19: not JSON"), Not(HasSubstr("hid"))));
  EXPECT_THAT(EventsError("{}\n{\"event\" 1}"), HasSubstr("expected ':'"));
  EXPECT_THAT(EventsError("[{}"), HasSubstr("line 1"));
  EXPECT_THAT(Error(""), HasSubstr("not JSON"));
}

TEST(SignalJson, TextThatIsNotUtf8IsAnError) {
  for (const std::string bytes : {"\xFF", "\xC3", "\xED\xA0\x80", "\xC0\xAF"}) {
    EXPECT_THAT(Error("{\"event\": \"" + bytes + "\"}"), HasSubstr("UTF-8"));
  }
  EXPECT_THAT(Error(R"({"event": "\ud800"})"), HasSubstr("not JSON"));
}

TEST(SignalJson, OneEventIsExpectedWhereOneIsAskedFor) {
  EXPECT_EQ(Error("{}\n{}"),
            "line 2: expected one event, found more text after it");
}

// ---- numbers and depth ------------------------------------------------------

TEST(SignalJson, NumbersAreDoublesAndIntegersBeyondThemAreRounded) {
  const Event event = Read(
      R"({"properties": {"exact": 9007199254740992, "rounded": 9007199254740993,
                         "huge": 18446744073709551616, "small": -0.0}})");
  const auto& fields = event.properties().fields();
  EXPECT_EQ(fields.at("exact").number_value(), 9007199254740992.0);
  EXPECT_EQ(fields.at("rounded").number_value(), 9007199254740992.0);
  EXPECT_EQ(fields.at("huge").number_value(), 18446744073709551616.0);
  EXPECT_TRUE(std::signbit(fields.at("small").number_value()));
  EXPECT_THAT(Read(EventToJson(event)), EqualsEvent(event));
}

TEST(SignalJson, ANumberBeyondADoubleIsAnError) {
  EXPECT_THAT(EventsError("{}\n{\"properties\": {\"n\": 1e999}}"),
              HasSubstr("larger than a double can hold"));
}

TEST(SignalJson, WhatJsonCannotExpressIsWrittenAsTheNearestThing) {
  Event event;
  event.set_user_id("a\xFF");
  (*event.mutable_properties()->mutable_fields())["n"].set_number_value(
      std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(EventToJson(event),
            "{\"properties\":{\"n\":null},\"userId\":\"a\xEF\xBF\xBD\"}");
}

std::string Nested(int depth, const std::string& open,
                   const std::string& close) {
  std::string json = "1";
  for (int i = 0; i < depth; ++i) json = open + json + close;
  return json;
}

TEST(SignalJson, TheDeepestEventThatIsReadCanBeSent) {
  datafly::delivery::v1::DeliverEventsRequest request;
  *request.add_events() = Read(
      "{\"properties\": " + Nested(kMaxStructDepth, "{\"a\": ", "}") + "}");
  datafly::delivery::v1::DeliverEventsRequest received;
  EXPECT_TRUE(received.ParseFromString(request.SerializeAsString()));
}

TEST(SignalJson, AnEventThatIsDeeperIsAnError) {
  EXPECT_THAT(
      Error("{\"traits\": " + Nested(kMaxStructDepth + 1, "{\"a\": ", "}") +
            "}"),
      AllOf(HasSubstr("traits.a.a"), HasSubstr("more than 32 levels deep")));
  EXPECT_THAT(Error("{\"properties\": {\"a\": " +
                    Nested(kMaxStructDepth, "[", "]") + "}}"),
              HasSubstr("more than 32 levels deep"));
}

TEST(SignalJson, AMillionBracketsAreAnErrorAndNotACrash) {
  const std::string brackets(1'000'000, '[');
  EXPECT_THAT(Error(brackets), HasSubstr("not JSON"));
  EXPECT_THAT(Error("{\"properties\": {\"a\": " + brackets +
                    std::string(1'000'000, ']') + "}}"),
              HasSubstr("more than 32 levels deep"));
}

// ---- several events ---------------------------------------------------------

TEST(SignalJson, EventsComeFromAnObjectAnArrayOrLines) {
  for (const std::string json :
       {R"([{"userId": "1"}, {"userId": "2"}])",
        "{\"userId\": \"1\"}\n{\"userId\": \"2\"}\n",
        "\xEF\xBB\xBF{\"userId\": \"1\"}\r\n\r\n{\"userId\":\r\n\"2\"}",
        R"({"userId": "1"}{"userId": "2"})",
        "[{\"userId\": \"1\"}]\n[]\n{\"userId\": \"2\"}"}) {
    const auto events = EventsFromJson(json);
    ASSERT_TRUE(events.ok()) << events.status();
    ASSERT_THAT(*events, SizeIs(2)) << json;
    EXPECT_EQ((*events)[0].user_id(), "1");
    EXPECT_EQ((*events)[1].user_id(), "2");
  }
  const auto one = EventsFromJson(kFullEvent);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_THAT(*one, SizeIs(1));
}

TEST(SignalJson, TextWithoutEventsGivesNone) {
  for (const std::string json : {"", " \n\t\r\n", "[]", "\xEF\xBB\xBF"}) {
    const auto events = EventsFromJson(json);
    ASSERT_TRUE(events.ok()) << events.status();
    EXPECT_THAT(*events, SizeIs(0));
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
