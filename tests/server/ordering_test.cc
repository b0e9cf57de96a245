// Batches of one user go one after the other, those of different users side by
// side; what was not taken can be sent again as the same batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/server/delivery_test.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;
using support::Action;
using support::DeliverReply;
using support::Events;
using support::From;
using support::Identify;
using support::LoggedIn;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

std::vector<Outcome> OutcomesOf(const DeliverReply& reply) {
  std::vector<Outcome> outcomes;
  for (const EventResult& result : reply.response.results()) {
    outcomes.push_back(result.outcome());
  }
  return outcomes;
}

// The events that a caller sends again.
Events ToSendAgain(const Events& events, const DeliverReply& reply) {
  Events again;
  for (int i = 0; i < reply.response.results_size(); ++i) {
    const Outcome outcome = reply.response.results(i).outcome();
    if (outcome == OUTCOME_NOT_DELIVERED || outcome == OUTCOME_UNKNOWN) {
      again.push_back(events[i]);
    }
  }
  return again;
}

// With it an answer is the last of its call: there is no time to try again.
constexpr char kBeyondTheDeadline[] = "Retry-After: 3600";
constexpr int kRetryAfterSeconds = 3600;

class OrderingTest : public DeliveryTest {
 protected:
  DeliverReply Deliver(const Events& events) {
    DeliverReply reply = service_.Deliver(events, "acme");
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    return reply;
  }

  // The bodies that mParticle was sent, in order.
  std::vector<std::string> Bodies() {
    std::vector<std::string> bodies;
    for (const auto& request : mparticle_.requests()) {
      bodies.push_back(request.body);
    }
    return bodies;
  }

  std::vector<std::string> PreviewedBodies(const Events& events) {
    std::vector<std::string> bodies;
    const auto preview = service_.Preview(events, "acme");
    for (const PreviewedBatch& batch : preview.response.batches()) {
      bodies.push_back(batch.body());
    }
    return bodies;
  }
};

TEST_F(OrderingTest, ResultsAreInTheOrderOfTheEvents) {
  Events events;
  for (int i = 0; i < 60; ++i) {
    events.push_back(
        LoggedIn(absl::StrCat("m-", i), absl::StrCat("u-", i % 7)));
  }
  events[11].set_event("Not In The Preset");
  events[12].clear_event();
  events[13].clear_message_id();
  const DeliverReply reply = Deliver(events);
  ASSERT_THAT(reply.response.results(), SizeIs(60));
  for (int i = 0; i < 60; ++i) {
    const EventResult& result = reply.response.results(i);
    EXPECT_EQ(result.message_id(), events[i].message_id());
    EXPECT_EQ(result.outcome(), i == 11   ? OUTCOME_DROPPED
                                : i == 12 ? OUTCOME_REJECTED
                                          : OUTCOME_ACCEPTED);
  }
  EXPECT_THAT(mparticle_.requests(), SizeIs(7));
}

TEST_F(OrderingTest, FailureOfOneUserIsNoneOfTheOthers) {
  // Of two users' requests, one fails: whichever arrives first.
  mparticle_.OnNextRequest(Action::Answer(503, "", {kBeyondTheDeadline}));
  const DeliverReply reply =
      Deliver({LoggedIn("m-0", "u-1"), LoggedIn("m-1", "u-2"),
               LoggedIn("m-2", "u-1"), LoggedIn("m-3", "u-2")});
  const Outcome no = OUTCOME_NOT_DELIVERED;
  const Outcome yes = OUTCOME_ACCEPTED;
  EXPECT_THAT(OutcomesOf(reply), AnyOf(ElementsAre(no, yes, no, yes),
                                       ElementsAre(yes, no, yes, no)));
  EXPECT_THAT(Bodies(), SizeIs(2));
}

TEST_F(OrderingTest, BatchesOfOneUserAreSentInOrder) {
  const Events events = {From("192.0.2.1", LoggedIn("m-0", "u-1")),
                         From("192.0.2.2", LoggedIn("m-1", "u-1")),
                         From("192.0.2.1", LoggedIn("m-2", "u-1"))};
  const DeliverReply reply = Deliver(events);
  EXPECT_THAT(OutcomesOf(reply), ElementsAre(OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
                                             OUTCOME_ACCEPTED));
  ASSERT_THAT(Bodies(), SizeIs(3));
  EXPECT_EQ(json::parse(Bodies()[0])["ip"], "192.0.2.1");
  EXPECT_EQ(json::parse(Bodies()[1])["ip"], "192.0.2.2");
  EXPECT_EQ(json::parse(Bodies()[2])["ip"], "192.0.2.1");
}

// ---- What holds back the later batches of a user
// -----------------------------

struct HoldRow {
  const char* name;
  // What the attempts of the first batch come to.
  std::vector<Action> actions;
  Outcome outcome;
  int retry_after_seconds;
};

class HeldBack : public OrderingTest,
                 public testing::WithParamInterface<HoldRow> {};

TEST_P(HeldBack, BatchIsNeverSentAndCanBeSentAgainAsItWas) {
  const auto& actions = GetParam().actions;
  for (const Action& action : actions) mparticle_.OnNextRequest(action);
  const Events events = {From("192.0.2.1", LoggedIn("m-0", "u-1")),
                         From("192.0.2.2", LoggedIn("m-1", "u-1")),
                         From("192.0.2.3", LoggedIn("m-2", "u-1"))};
  const DeliverReply reply = Deliver(events);
  EXPECT_THAT(OutcomesOf(reply),
              ElementsAre(GetParam().outcome, OUTCOME_NOT_DELIVERED,
                          OUTCOME_NOT_DELIVERED));
  for (const int held : {1, 2}) {
    const EventResult& result = reply.response.results(held);
    EXPECT_EQ(result.reason(), REASON_EARLIER_BATCH_NOT_TAKEN);
    EXPECT_EQ(result.attempts(), 0);
    EXPECT_EQ(result.http_status(), 0);
    EXPECT_EQ(result.retry_after().seconds(), GetParam().retry_after_seconds);
    EXPECT_THAT(result.detail(), Not(IsEmpty()));
    EXPECT_THAT(result.hint(), Not(IsEmpty()));
  }
  EXPECT_EQ(reply.response.results(0).attempts(), actions.size());
  ASSERT_THAT(Bodies(), SizeIs(actions.size()));

  const DeliverReply again = Deliver(ToSendAgain(events, reply));
  EXPECT_THAT(OutcomesOf(again), ElementsAre(OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
                                             OUTCOME_ACCEPTED));
  ASSERT_THAT(Bodies(), SizeIs(actions.size() + 3));
  EXPECT_EQ(Bodies()[actions.size()], Bodies()[0]);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(reply.response.results(i).source_request_id(), SizeIs(32));
    EXPECT_EQ(again.response.results(i).source_request_id(),
              reply.response.results(i).source_request_id());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, HeldBack,
    testing::Values(
        HoldRow{"ByAnOutage",
                {Action::Answer(503, "", {kBeyondTheDeadline})},
                OUTCOME_NOT_DELIVERED,
                kRetryAfterSeconds},
        HoldRow{"ByALimit",
                {Action::Answer(503),
                 Action::Answer(429, "", {kBeyondTheDeadline})},
                OUTCOME_NOT_DELIVERED,
                kRetryAfterSeconds},
        HoldRow{
            "ByAWrongKey", {Action::Answer(401)}, OUTCOME_NOT_DELIVERED, 60},
        HoldRow{"ByAnError",
                {Action::Answer(500, "", {kBeyondTheDeadline})},
                OUTCOME_UNKNOWN,
                kRetryAfterSeconds},
        HoldRow{
            "ByALostAnswer",
            {Action::Reset(), Action::Answer(503, "", {kBeyondTheDeadline})},
            OUTCOME_UNKNOWN,
            kRetryAfterSeconds}),
    [](const auto& info) { return info.param.name; });

TEST_F(OrderingTest, RefusedBatchHoldsBackNothing) {
  mparticle_.OnNextRequest(Action::Answer(400));
  const DeliverReply reply =
      Deliver({From("192.0.2.1", LoggedIn("m-0", "u-1")),
               From("192.0.2.2", LoggedIn("m-1", "u-1"))});
  EXPECT_THAT(OutcomesOf(reply),
              ElementsAre(OUTCOME_REJECTED, OUTCOME_ACCEPTED));
}

TEST_F(OrderingTest, NoProtectionIsPromisedWhereTheIntegrationTurnedItOff) {
  support::RunningService service(
      {{"acme",
        support::IntegrationText(mparticle_.name_and_port(),
                                 support::TestCertificates::Get().ca_file(),
                                 "source_request_id: false\n")}});
  mparticle_.OnNextRequest(Action::Answer(500, "", {kBeyondTheDeadline}));
  const DeliverReply reply = service.Deliver({LoggedIn("m-0", "u-1")}, "acme");
  ASSERT_THAT(reply.response.results(), SizeIs(1));
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_UNKNOWN);
  EXPECT_THAT(reply.response.results(0).hint(), HasSubstr("count it twice"));
  EXPECT_THAT(reply.response.results(0).source_request_id(), IsEmpty());
}

// ---- Identifies -------------------------------------------------------------

TEST_F(OrderingTest, IdentifyIsSentAgainWithTheBatchThatFailed) {
  const Events events = {Identify("m-0", "u-1"), LoggedIn("m-1", "u-1"),
                         From("192.0.2.2", LoggedIn("m-2", "u-1")),
                         From("192.0.2.3", LoggedIn("m-3", "u-1"))};
  const std::vector<std::string> planned = PreviewedBodies(events);
  ASSERT_THAT(planned, SizeIs(3));

  mparticle_.OnNextRequest(Action::Answer(202));
  mparticle_.OnNextRequest(Action::Answer(500, "", {kBeyondTheDeadline}));
  const DeliverReply reply = Deliver(events);
  EXPECT_THAT(OutcomesOf(reply),
              ElementsAre(OUTCOME_UNKNOWN, OUTCOME_ACCEPTED, OUTCOME_UNKNOWN,
                          OUTCOME_NOT_DELIVERED));
  EXPECT_EQ(reply.response.results(0).source_request_id(),
            reply.response.results(2).source_request_id());
  Deliver(ToSendAgain(events, reply));
  EXPECT_THAT(Bodies(),
              ElementsAre(planned[0], planned[1], planned[1], planned[2]));
}

TEST_F(OrderingTest, IdentifyIsAcceptedWithOneBatchThoughAnotherIsRefused) {
  mparticle_.OnNextRequest(Action::Answer(400));
  const DeliverReply reply =
      Deliver({Identify("m-0", "u-1"), LoggedIn("m-1", "u-1"),
               From("192.0.2.2", LoggedIn("m-2", "u-1"))});
  EXPECT_THAT(OutcomesOf(reply), ElementsAre(OUTCOME_ACCEPTED, OUTCOME_REJECTED,
                                             OUTCOME_ACCEPTED));
}

TEST_F(OrderingTest, IdentifyThatNothingCarriesIsDropped) {
  const DeliverReply reply =
      Deliver({LoggedIn("m-0", "u-1"), Identify("m-1", "u-1")});
  EXPECT_THAT(OutcomesOf(reply),
              ElementsAre(OUTCOME_ACCEPTED, OUTCOME_DROPPED));
  EXPECT_EQ(reply.response.results(1).reason(), REASON_NOTHING_TO_CARRY);
  EXPECT_EQ(reply.response.results(1).attempts(), 0);
}

// ---- Previews
// -------------------------------------------------------------------

TEST_F(OrderingTest, PreviewShowsWhatIsPostedAndPostsNothing) {
  Events events = {
      Identify("m-0", "u-1"), LoggedIn("m-1", "u-1"),
      LoggedIn("m-2", "u-1"), From("192.0.2.2", LoggedIn("m-3", "u-1")),
      LoggedIn("m-4", "u-1"), LoggedIn("m-5", "u-1")};
  events[4].set_event("Not In The Preset");
  events[5].clear_event();
  const auto preview = service_.Preview(events, "acme");
  ASSERT_TRUE(preview.status.ok()) << preview.status.error_message();
  EXPECT_EQ(mparticle_.connections(), 0);

  const DeliverReply reply = Deliver(events);
  const auto& batches = preview.response.batches();
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_THAT(Bodies(), ElementsAre(batches[0].body(), batches[1].body()));
  EXPECT_THAT(batches[0].event_indexes(), ElementsAre(1, 2));
  EXPECT_THAT(batches[1].event_indexes(), ElementsAre(3));

  ASSERT_THAT(preview.response.events(), SizeIs(6));
  EXPECT_THAT(preview.response.events(0).batch_indexes(), ElementsAre(0, 1));
  EXPECT_THAT(preview.response.events(1).batch_indexes(), ElementsAre(0));
  EXPECT_THAT(preview.response.events(3).batch_indexes(), ElementsAre(1));
  for (int i = 0; i < 6; ++i) {
    const PreviewedEvent& event = preview.response.events(i);
    const EventResult& result = reply.response.results(i);
    EXPECT_EQ(event.message_id(), result.message_id());
    const bool is_sent = i < 4;
    EXPECT_EQ(event.outcome(),
              is_sent ? OUTCOME_UNSPECIFIED : result.outcome());
    EXPECT_EQ(event.reason(), is_sent ? REASON_UNSPECIFIED : result.reason());
    if (!event.batch_indexes().empty()) {
      EXPECT_EQ(batches[event.batch_indexes(0)].source_request_id(),
                result.source_request_id());
    }
  }
}

}  // namespace
}  // namespace signal_delivery::server
