// What of an event is read and written, and how.
#include "mapping/signal_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "datafly/signal/v1/event.pb.h"
#include "tests/mapping/signal_json_testing.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::testing::HasSubstr;
using ::testing::Not;

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

}  // namespace
}  // namespace signal_delivery::mapping
