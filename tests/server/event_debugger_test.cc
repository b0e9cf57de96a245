// The event debugger over gRPC: what it shows, to whom, and that it never shows
// what a person might be known by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/event_debugger_fixture.h"
#include "tests/support/caller.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"

namespace signal_delivery::server {
namespace {

using nlohmann::json;
using support::Action;
using support::Identify;
using support::LoggedIn;
using support::ReasonOf;
using support::RunningService;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

// What mParticle says to an event that it refuses.
constexpr char kQuoting[] =
    R"({"errors":[{"code":"BAD","message":"canary-note is no note"}]})";

std::vector<std::string> Ids(const Tailed& tailed) {
  EXPECT_TRUE(tailed.status.ok()) << tailed.status.error_message();
  std::vector<std::string> ids;
  for (const DebuggedEvent& event : tailed.events) {
    ids.push_back(event.result().message_id());
  }
  return ids;
}

datafly::signal::v1::Event NotMapped(const std::string& message_id) {
  datafly::signal::v1::Event event = LoggedIn(message_id, "u");
  event.set_event("Never Heard Of");
  return event;
}

class EventDebuggerTest : public DeliveryTest {
 protected:
  Tailed Tail(const TailEventsRequest& request = {}) {
    return TailKept(service_.channel(), request);
  }
};

TEST_F(EventDebuggerTest, ShowsWhatBecameOfAnEventAndWhatWasPosted) {
  const auto reply = service_.Deliver({CanaryEvent("m-1")}, "acme");
  const Tailed tailed = Tail();
  ASSERT_THAT(Ids(tailed), ElementsAre("m-1"));
  const DebuggedEvent& event = tailed.events[0];
  EXPECT_EQ(event.integration_id(), "acme");
  EXPECT_EQ(event.environment(), "production");
  EXPECT_EQ(event.event_type(), "track");
  EXPECT_EQ(event.event_name(), "Order Completed");
  EXPECT_THAT(event.trace_id(), SizeIs(32));
  EXPECT_EQ(event.batch_events(), 1);
  EXPECT_TRUE(event.has_call_duration());
  EXPECT_TRUE(event.has_delivery_duration());
  EXPECT_GT(event.time().seconds(), 0);
  const EventResult& told = reply.response.results(0);
  EXPECT_EQ(event.result().outcome(), OUTCOME_ACCEPTED);
  EXPECT_EQ(event.result().reason(), REASON_TAKEN);
  EXPECT_EQ(event.result().http_status(), 202);
  EXPECT_EQ(event.result().source_request_id(), told.source_request_id());
  EXPECT_EQ(event.result().detail(), told.detail());
  const json payload = json::parse(event.payload());
  EXPECT_EQ(payload["source_request_id"], told.source_request_id());
  const json& data = payload["events"][0]["data"];
  EXPECT_EQ(data["product_action"]["action"], "purchase");
  EXPECT_EQ(data["product_action"]["products"][0]["id"], "sku-1");
  EXPECT_EQ(data["product_action"]["products"][0]["price"], 8.5);
  EXPECT_EQ(data["product_action"]["products"][0]["name"], "[text of 11]");
  EXPECT_EQ(data["currency_code"], "USD");
  EXPECT_EQ(data["source_message_id"], "m-1");
}

TEST_F(EventDebuggerTest, ShowsNothingThatAPersonMightBeKnownBy) {
  mparticle_.OnNextRequest(Action::Answer(400, kQuoting));
  const auto refused = service_.Deliver({CanaryEvent("m-1")}, "acme");
  ASSERT_THAT(refused.response.results(0).detail(), HasSubstr("canary"))
      << "or this test shows nothing";
  service_.Deliver({Identify("m-2", "canary-u"), CanaryEvent("m-3"),
                    CanaryPage("m-4"), CanaryEvent("m-3")},
                   "acme");
  datafly::signal::v1::Event odd = CanaryEvent("canary@example.com");
  odd.set_event("canary@example.com");
  service_.Deliver({odd}, "acme");
  datafly::signal::v1::Event unreadable = CanaryEvent("m-5");
  unreadable.set_user_id("canary\xff");
  service_.Deliver({unreadable}, "acme");
  const Tailed tailed = Tail();
  ASSERT_THAT(tailed.events, SizeIs(7));
  for (const DebuggedEvent& event : tailed.events) {
    const std::string text = event.DebugString();
    for (const char* hidden :
         {"canary", support::kEmail, support::kPhone, support::kIp}) {
      EXPECT_THAT(text, Not(HasSubstr(hidden)));
    }
  }
}

TEST_F(EventDebuggerTest, ARepeatShowsWhatWasSentForItWithoutMParticlesWords) {
  mparticle_.ByDefault(Action::Answer(400, kQuoting));
  const auto reply =
      service_.Deliver({CanaryEvent("m-1"), CanaryEvent("m-1")}, "acme");
  EXPECT_THAT(reply.response.results(1).detail(), HasSubstr("canary"));
  const Tailed tailed = Tail();
  ASSERT_THAT(Ids(tailed), ElementsAre("m-1", "m-1"));
  EXPECT_EQ(tailed.events[0].payload(), tailed.events[1].payload());
  EXPECT_THAT(tailed.events[1].DebugString(), Not(HasSubstr("canary")));
}

TEST_F(EventDebuggerTest, ShowsOfABatchTheEventAlone) {
  service_.Deliver({Identify("m-0", "u"), LoggedIn("m-1", "u"),
                    LoggedIn("m-2", "u"), LoggedIn("m-3", "u")},
                   "acme");
  const Tailed tailed = Tail();
  ASSERT_THAT(Ids(tailed), ElementsAre("m-0", "m-1", "m-2", "m-3"));
  EXPECT_THAT(json::parse(tailed.events[0].payload())["events"], IsEmpty());
  for (const int i : {1, 2, 3}) {
    const json events = json::parse(tailed.events[i].payload())["events"];
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0]["data"]["source_message_id"], absl::StrCat("m-", i));
    EXPECT_EQ(tailed.events[i].batch_events(), 3);
  }
}

TEST_F(EventDebuggerTest, ShowsEventsThatWereNeverPosted) {
  service_.Deliver({NotMapped("m-1"), WithoutUser("m-2")}, "acme");
  const Tailed tailed = Tail();
  ASSERT_THAT(Ids(tailed), ElementsAre("m-1", "m-2"));
  EXPECT_EQ(tailed.events[0].result().reason(), REASON_NOT_MAPPED);
  EXPECT_EQ(tailed.events[1].result().outcome(), OUTCOME_REJECTED);
  EXPECT_THAT(tailed.events[1].result().violations(), Not(IsEmpty()));
  for (const DebuggedEvent& event : tailed.events) {
    EXPECT_EQ(event.payload(), "");
    EXPECT_EQ(event.batch_events(), 0);
    EXPECT_FALSE(event.has_delivery_duration());
  }
}

TEST_F(EventDebuggerTest, ShowsWhatWasHeldBack) {
  mparticle_.OnNextRequest(Action::Answer(503, "", {"Retry-After: 3600"}));
  service_.Deliver({LoggedIn("m-1", "u"),
                    support::From("198.51.100.1", LoggedIn("m-2", "u"))},
                   "acme");
  const Tailed tailed = Tail();
  ASSERT_THAT(Ids(tailed), ElementsAre("m-1", "m-2"));
  EXPECT_EQ(tailed.events[0].result().http_status(), 503);
  EXPECT_TRUE(tailed.events[0].has_delivery_duration());
  const DebuggedEvent& held = tailed.events[1];
  EXPECT_EQ(held.result().reason(), REASON_EARLIER_BATCH_NOT_TAKEN);
  EXPECT_FALSE(held.has_delivery_duration());
  EXPECT_THAT(held.payload(), HasSubstr("m-2"));
}

TEST_F(EventDebuggerTest, Filters) {
  service_.Deliver({LoggedIn("m-1", "u"), NotMapped("m-2"), WithoutUser("m-3")},
                   "acme");
  const auto tail = [this](auto set) {
    TailEventsRequest request;
    set(request);
    return Ids(Tail(request));
  };
  EXPECT_THAT(tail([](auto& r) { r.add_outcomes(OUTCOME_REJECTED); }),
              ElementsAre("m-3"));
  EXPECT_THAT(tail([](auto& r) { r.add_reasons(REASON_NOT_MAPPED); }),
              ElementsAre("m-2"));
  EXPECT_THAT(tail([](auto& r) { r.set_message_id("m-1"); }),
              ElementsAre("m-1"));
  EXPECT_THAT(tail([](auto& r) { r.set_event_name("Logged In"); }),
              ElementsAre("m-1", "m-3"));
  EXPECT_THAT(tail([](auto& r) { r.set_integration_id("acme"); }), SizeIs(3));
  EXPECT_THAT(tail([](auto& r) { r.set_recent(2); }),
              ElementsAre("m-2", "m-3"));
  EXPECT_THAT(tail([](auto& r) { r.set_recent(0); }), IsEmpty());
}

TEST_F(EventDebuggerTest, SaysWhatOfAFilterMakesNoSense) {
  const auto refused = [this](auto set) {
    TailEventsRequest request;
    set(request);
    const grpc::Status status = Tail(request).status;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "INVALID_FILTER");
    return status.error_message();
  };
  EXPECT_THAT(refused([](auto& r) { r.set_recent(-1); }), HasSubstr("recent"));
  EXPECT_THAT(refused([](auto& r) { r.set_recent(10'001); }),
              HasSubstr("recent"));
  EXPECT_THAT(refused([](auto& r) { r.add_outcomes(OUTCOME_UNSPECIFIED); }),
              HasSubstr("outcomes"));
  EXPECT_THAT(refused([](auto& r) { r.add_reasons(Reason(9'999)); }),
              HasSubstr("reasons"));
  TailEventsRequest request;
  request.set_integration_id("nobody");
  EXPECT_EQ(ReasonOf(Tail(request).status), "NO_SUCH_INTEGRATION");
}

TEST_F(EventDebuggerTest, GoesOnWithTheEventsThatFollow) {
  service_.Deliver({LoggedIn("m-1", "u")}, "acme");
  TailEventsRequest request;
  request.set_follow(true);
  Follower follower(service_.channel(), request);
  EXPECT_EQ(follower.Read().event().result().message_id(), "m-1");
  for (const char* id : {"m-2", "m-3", "m-4"}) {
    service_.Deliver({LoggedIn(id, "u")}, "acme");
    EXPECT_EQ(follower.Read().event().result().message_id(), id);
  }
  follower.Cancel();
  EXPECT_EQ(follower.Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(EventDebuggerTest, OfALargeCallKeepsAPartAndThatWhichFailedFirst) {
  TailEventsRequest request;
  request.set_follow(true);
  Follower follower(service_.channel(), request);
  service_.Deliver({LoggedIn("m-first", "u")}, "acme");
  EXPECT_EQ(follower.Read().event().result().message_id(), "m-first");
  support::Events events;
  for (int i = 0; i < 150; ++i) {
    events.push_back(LoggedIn(absl::StrCat("m-", i), "u"));
  }
  events.push_back(WithoutUser("m-wrong"));
  service_.Deliver(events, "acme");
  TailEventsResponse response = follower.Read();
  EXPECT_EQ(response.missed(), 51);
  for (int i = 0; i < 99; ++i) response = follower.Read();
  EXPECT_EQ(response.event().result().message_id(), "m-wrong");
  EXPECT_EQ(response.missed(), 0);
}

TEST_F(EventDebuggerTest, EndsWithTheService) {
  TailEventsRequest request;
  request.set_follow(true);
  Follower follower(service_.channel(), request);
  service_.Deliver({LoggedIn("m-1", "u")}, "acme");
  follower.Read();
  service_.server().Leave();
  EXPECT_TRUE(follower.Finish().ok());
  EXPECT_EQ(TailKept(service_.channel(), request).events.size(), 1u)
      << "what was kept is shown to the end";
}

TEST_F(EventDebuggerTest, WhoDoesNotReadKeepsNobodyFromEnding) {
  TailEventsRequest request;
  request.set_follow(true);
  Follower silent(service_.channel(), request);
  // More than the connection takes without its being read.
  for (int call = 0; call < 30; ++call) {
    support::Events events;
    for (int i = 0; i < 30; ++i) {
      events.push_back(
          support::With(std::string(200, 'n'), 1,
                        LoggedIn(absl::StrCat("m-", call, "-", i), "u")));
    }
    service_.Deliver(events, "acme");
  }
  // Were it to wait for the reader, it would do so forever.
  service_.server().Drain(support::kNoHurry);
}

TEST_F(EventDebuggerTest, SoManyMayWatchAndNoMore) {
  TailEventsRequest request;
  request.set_follow(true);
  service_.Deliver({LoggedIn("m-1", "u")}, "acme");
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < 16; ++i) {
    followers.push_back(
        std::make_unique<Follower>(service_.channel(), request));
    followers.back()->Read();
  }
  const grpc::Status status = Tail().status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_TAILS");
}

TEST(EventDebuggerOffTest, SaysHowToTurnItOn) {
  support::ScriptedTlsServer mparticle;
  RunningService service(
      {{"acme",
        support::IntegrationText(mparticle.name_and_port(),
                                 support::TestCertificates::Get().ca_file())}},
      "event_debugger: false\n");
  EXPECT_TRUE(service.Deliver({LoggedIn("m-1", "u")}, "acme").status.ok());
  const grpc::Status status = TailKept(service.channel()).status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "EVENT_DEBUGGER_OFF");
  EXPECT_THAT(status.error_message(), HasSubstr("event_debugger: true"));
}

class EventDebuggerAccessTest : public testing::Test {
 protected:
  static std::string Integration(const std::string& host) {
    return support::IntegrationText(host,
                                    support::TestCertificates::Get().ca_file());
  }
  Tailed TailAs(const std::string& token, const std::string& integration = "") {
    TailEventsRequest request;
    request.set_integration_id(integration);
    return TailKept(service_.channel(), request, "Bearer " + token);
  }

  support::ScriptedTlsServer mparticle_;
  // printf %s all | sha256sum; likewise the others' names.
  RunningService service_{
      {{"acme", Integration(mparticle_.name_and_port())},
       {"beta", Integration(mparticle_.name_and_port())}},
      "callers:\n"
      "  - name: all\n"
      "    token_sha256: "
      "5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629\n"
      "  - name: beta\n"
      "    token_sha256: "
      "f44e64e75f3948e9f73f8dfa94721c4ce8cbb4f265c4790c702b2d41cfbf2753\n"
      "    integrations: [beta]\n"
      "    methods: [TailEvents]\n"
      "  - name: deliverer\n"
      "    token_sha256: "
      "2061618031be4536bc28b1c1f6669a698cd7ebccc0d8a3eef314471351f1963e\n"
      "    methods: [DeliverEvents]\n"};
};

TEST_F(EventDebuggerAccessTest, ShowsTheEventsOfIntegrationsThatOneMayUse) {
  support::Caller all =
      support::Caller::Plaintext(service_.server().port()).With({"Bearer all"});
  ASSERT_TRUE(all.Deliver("acme").ok());
  ASSERT_TRUE(all.Deliver("beta").ok());
  const Tailed seen = TailAs("all");
  ASSERT_THAT(seen.events, SizeIs(2));
  EXPECT_EQ(seen.events[0].caller(), "all");
  const Tailed of_beta = TailAs("beta");
  ASSERT_THAT(of_beta.events, SizeIs(1));
  EXPECT_EQ(of_beta.events[0].integration_id(), "beta");
  EXPECT_EQ(ReasonOf(TailAs("beta", "acme").status), "INTEGRATION_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(TailAs("beta", "nobody").status),
            "INTEGRATION_NOT_ALLOWED");
}

TEST_F(EventDebuggerAccessTest, WhoLosesTheRightIsShownNoMore) {
  TailEventsRequest request;
  request.set_follow(true);
  Follower follower(service_.channel(), request, "Bearer all");
  ASSERT_TRUE(support::Caller::Plaintext(service_.server().port())
                  .With({"Bearer all"})
                  .Deliver("acme")
                  .ok());
  EXPECT_TRUE(follower.Read().has_event());
  service_.server().callers().Replace(std::vector<Caller>());
  EXPECT_TRUE(follower.Finish().ok());
  EXPECT_EQ(ReasonOf(TailAs("all").status), "UNKNOWN_CALLER");
}

TEST_F(EventDebuggerAccessTest, ShowsNothingToOthers) {
  EXPECT_EQ(ReasonOf(TailAs("deliverer").status), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(TailAs("nobody").status), "UNKNOWN_CALLER");
}

}  // namespace
}  // namespace signal_delivery::server
