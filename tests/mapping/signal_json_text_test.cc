// How text becomes events: errors, limits, and several events in one text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/signal_json.h"
#include "mapping/struct_json.h"
#include "tests/mapping/signal_json_testing.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// The message of the error that these events must give.
std::string EventsError(const std::string& json) {
  const auto events = EventsFromJson(json);
  EXPECT_FALSE(events.ok()) << json;
  return events.ok() ? "" : std::string(events.status().message());
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
  const auto one = EventsFromJson("{\n  \"userId\": \"1\"\n}");
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
