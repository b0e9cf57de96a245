// A batch that mParticle refuses is halved until the event at fault stands
// alone: its neighbours are taken, in order, and nothing is sent on a guess.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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
using support::LoggedIn;
using support::With;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

// What an event must hold for the server here to refuse its batch.
constexpr char kPoison[] = "poison";

class IsolationTest : public DeliveryTest {
 protected:
  // `count` events of one user, those at `bad` poisoned.
  Events MakeEvents(int count, const std::set<int>& bad) {
    Events events;
    for (int i = 0; i < count; ++i) {
      events.push_back(LoggedIn(absl::StrCat("m-", i), "u-1"));
      if (bad.count(i) > 0) {
        events.back() = With("taste", kPoison, events.back());
      }
    }
    return events;
  }

  DeliverReply Deliver(const Events& events, int status = 400) {
    // Later than any deadline: whatever the status, it is not tried again.
    mparticle_.OnRequestsWith(
        kPoison, Action::Answer(status, "", {"Retry-After: 3600"}));
    DeliverReply reply = service_.Deliver(events, "acme");
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    EXPECT_EQ(reply.response.results_size(), static_cast<int>(events.size()));
    return reply;
  }

  // The ids of the events that were taken, in order of arrival.
  std::vector<std::string> Taken() {
    std::vector<std::string> ids;
    for (const auto& request : mparticle_.requests()) {
      if (absl::StrContains(request.body, kPoison)) continue;
      const json body = json::parse(request.body);
      for (const json& event : body["events"]) {
        ids.push_back(event["data"]["source_message_id"]);
      }
    }
    return ids;
  }
};

struct Row {
  int count;
  int bad;
};

class OneBadEvent : public IsolationTest,
                    public testing::WithParamInterface<Row> {};

TEST_P(OneBadEvent, IsRejectedAndAllItsNeighboursAreTakenOnceAndInOrder) {
  const auto [count, bad] = GetParam();
  const DeliverReply reply = Deliver(MakeEvents(count, {bad}));
  std::vector<std::string> good;
  for (int i = 0; i < count; ++i) {
    const EventResult& result = reply.response.results(i);
    if (i == bad) {
      EXPECT_EQ(result.outcome(), OUTCOME_REJECTED);
      EXPECT_EQ(result.reason(), REASON_REFUSED_AS_MALFORMED);
      EXPECT_EQ(result.http_status(), 400);
    } else {
      EXPECT_EQ(result.outcome(), OUTCOME_ACCEPTED) << i;
      good.push_back(absl::StrCat("m-", i));
    }
  }
  EXPECT_EQ(Taken(), good);
  // The first post, and two for each time that a batch was halved.
  const int halvings = static_cast<int>(std::ceil(std::log2(count)));
  EXPECT_THAT(mparticle_.requests(), SizeIs(Le(1 + 2 * halvings)));
}

TEST_P(OneBadEvent, HasTheIdOfTheBatchThatCarriedIt) {
  const auto [count, bad] = GetParam();
  const DeliverReply reply = Deliver(MakeEvents(count, {bad}));
  std::set<std::string> ids;
  for (const auto& request : mparticle_.requests()) {
    const json body = json::parse(request.body);
    const std::string id = body["source_request_id"];
    EXPECT_TRUE(ids.insert(id).second) << "an id was used for two batches";
    if (absl::StrContains(request.body, kPoison)) continue;
    for (const json& event : body["events"]) {
      const std::string message_id = event["data"]["source_message_id"];
      const int index = std::stoi(message_id.substr(2));
      EXPECT_EQ(reply.response.results(index).source_request_id(), id);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OneBadEvent,
                         testing::Values(Row{1, 0}, Row{2, 0}, Row{2, 1},
                                         Row{3, 1}, Row{8, 0}, Row{8, 7},
                                         Row{9, 4}, Row{100, 63}),
                         [](const auto& info) {
                           return absl::StrCat(info.param.bad, "Of",
                                               info.param.count);
                         });

// The promise of GUARANTEES.md. Logarithms are rounded up: of five events some
// take six further requests, where 2 * log2(5) + 1 is 5.6.
TEST_F(IsolationTest, OneBadEventCostsNoMoreThanPromisedWhereverItStands) {
  mparticle_.OnRequestsWith(kPoison, Action::Answer(400));
  for (int count = 1; count <= 20; ++count) {
    const auto promised = 2 * static_cast<size_t>(std::ceil(std::log2(count)));
    size_t most = 0;
    for (int bad = 0; bad < count; ++bad) {
      // A user of its own, so that no case is a repeat of another.
      const std::string user = absl::StrCat("u-", count, "-", bad);
      Events events;
      for (int i = 0; i < count; ++i) {
        events.push_back(LoggedIn(absl::StrCat("m-", i), user));
      }
      events[bad] = With("taste", kPoison, events[bad]);
      const size_t before = mparticle_.requests().size();
      const DeliverReply reply = service_.Deliver(events, "acme");
      ASSERT_EQ(reply.response.results_size(), count);
      for (int i = 0; i < count; ++i) {
        EXPECT_EQ(reply.response.results(i).outcome(),
                  i == bad ? OUTCOME_REJECTED : OUTCOME_ACCEPTED)
            << i << ", where " << bad << " is bad among " << count;
      }
      most = std::max(most, mparticle_.requests().size() - before - 1);
    }
    EXPECT_EQ(most, promised) << "among " << count;
  }
}

TEST_F(IsolationTest, WhatIsTooLargeForMparticleIsIsolatedToo) {
  const DeliverReply reply = Deliver(MakeEvents(3, {1}), 413);
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_ACCEPTED);
  EXPECT_EQ(reply.response.results(1).reason(), REASON_REFUSED_AS_TOO_LARGE);
  EXPECT_EQ(reply.response.results(2).outcome(), OUTCOME_ACCEPTED);
}

TEST_F(IsolationTest, SeveralBadEventsAreEachIsolated) {
  const std::set<int> bad = {3, 4, 60};
  const DeliverReply reply = Deliver(MakeEvents(64, bad));
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(reply.response.results(i).outcome(),
              bad.count(i) > 0 ? OUTCOME_REJECTED : OUTCOME_ACCEPTED)
        << i;
  }
}

TEST_F(IsolationTest, PostsAreBoundedWhereManyEventsAreBad) {
  std::set<int> bad;
  for (int i = 0; i < 200; ++i) bad.insert(i);
  const DeliverReply reply = Deliver(MakeEvents(200, bad));
  EXPECT_LE(mparticle_.requests().size(), 1u + 2 * 32);
  int not_isolated = 0;
  for (const EventResult& result : reply.response.results()) {
    EXPECT_THAT(result.outcome(),
                AnyOf(OUTCOME_NOT_DELIVERED, OUTCOME_UNKNOWN));
    EXPECT_TRUE(result.has_retry_after());
    if (result.reason() == REASON_FAULT_NOT_ISOLATED) ++not_isolated;
  }
  EXPECT_GT(not_isolated, 0);
}

// No good event is lost to however many bad ones: what was not found out in one
// call is in the next.
TEST_F(IsolationTest, SentAgainAsToldEveryEventEndsAsItDeserves) {
  std::set<int> bad;
  for (int i = 0; i < 100; i += 2) bad.insert(i);
  Events events = MakeEvents(100, bad);
  std::set<std::string> accepted;
  std::set<std::string> rejected;
  // 50 bad events among 100 take 99 halvings, of which a call makes 32.
  constexpr int kMostCalls = 4;
  int calls = 0;
  while (!events.empty()) {
    const DeliverReply reply = Deliver(events);
    Events again;
    for (int i = 0; i < reply.response.results_size(); ++i) {
      const EventResult& result = reply.response.results(i);
      if (result.outcome() == OUTCOME_ACCEPTED) {
        accepted.insert(result.message_id());
      } else if (result.outcome() == OUTCOME_REJECTED) {
        rejected.insert(result.message_id());
      } else {
        again.push_back(events[i]);
      }
    }
    events = std::move(again);
    ASSERT_LE(++calls, kMostCalls);
  }
  EXPECT_THAT(accepted, SizeIs(50));
  EXPECT_THAT(rejected, SizeIs(50));
  EXPECT_THAT(Taken(), SizeIs(50)) << "each once";
}

TEST_F(IsolationTest, AnotherUsersBatchIsNotTouched) {
  Events events = MakeEvents(4, {2});
  events.push_back(LoggedIn("m-other", "u-2"));
  const DeliverReply reply = Deliver(events);
  EXPECT_EQ(reply.response.results(4).outcome(), OUTCOME_ACCEPTED);
}

TEST_F(IsolationTest, NothingIsHalvedOnAGuess) {
  for (const int status : {429, 500, 503, 401}) {
    const size_t before = mparticle_.requests().size();
    Deliver(MakeEvents(4, {2}), status);
    EXPECT_THAT(mparticle_.requests(), SizeIs(before + 1));
    for (size_t i = before; i < mparticle_.requests().size(); ++i) {
      EXPECT_THAT(json::parse(mparticle_.requests()[i].body)["events"],
                  SizeIs(4));
    }
  }
}

// Otherwise what is left would make other batches, with other ids, and what
// mParticle took of the part in doubt would be taken twice.
TEST_F(IsolationTest, APartOfUnknownFateMakesTheCallerSendTheWholeBatchAgain) {
  const Events events = MakeEvents(4, {2});
  mparticle_.OnRequestsWith(kPoison, Action::Answer(400));
  // The whole, m-0 and m-1, m-2 and m-3, m-2, m-3.
  for (const int status : {400, 202, 400, 400, 501}) {
    mparticle_.OnNextRequest(Action::Answer(status));
  }
  const DeliverReply first = service_.Deliver(events, "acme");
  for (const EventResult& result : first.response.results()) {
    EXPECT_EQ(result.outcome(), OUTCOME_UNKNOWN);
    EXPECT_TRUE(result.has_retry_after());
  }
  const DeliverReply again = service_.Deliver(events, "acme");
  EXPECT_EQ(again.response.results(0).outcome(), OUTCOME_ACCEPTED);
  EXPECT_EQ(again.response.results(1).outcome(), OUTCOME_ACCEPTED);
  EXPECT_EQ(again.response.results(2).outcome(), OUTCOME_REJECTED);
  EXPECT_EQ(again.response.results(3).outcome(), OUTCOME_ACCEPTED);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(again.response.results(i).source_request_id(),
              first.response.results(i).source_request_id());
  }
}

// Likewise: an earlier call with the same events may have broken off after a
// part was taken, of which this replica knows nothing.
TEST_F(IsolationTest, APartThatIsNotDeliveredMakesTheCallerSendAllAgain) {
  const Events events = MakeEvents(4, {2});
  // The whole, m-0 and m-1.
  for (const int status : {400, 202}) {
    mparticle_.OnNextRequest(Action::Answer(status));
  }
  mparticle_.OnNextRequest(Action::Answer(503, "", {"Retry-After: 3600"}));
  const DeliverReply first = service_.Deliver(events, "acme");
  EXPECT_EQ(first.response.results(0).reason(), REASON_OTHER_PART_OPEN);
  EXPECT_EQ(first.response.results(1).reason(), REASON_OTHER_PART_OPEN);
  EXPECT_EQ(first.response.results(2).outcome(), OUTCOME_NOT_DELIVERED);
  EXPECT_EQ(first.response.results(3).outcome(), OUTCOME_NOT_DELIVERED);

  support::RunningService replica(
      {{"acme", IntegrationTo(mparticle_.name_and_port())}});
  mparticle_.OnRequestsWith(kPoison, Action::Answer(400));
  const DeliverReply again = replica.Deliver(events, "acme");
  EXPECT_EQ(again.response.results(2).outcome(), OUTCOME_REJECTED);
  EXPECT_EQ(again.response.results(0).source_request_id(),
            first.response.results(0).source_request_id());
}

TEST_F(IsolationTest, ABatchThatWasRefusedLatelyIsDividedWithoutAPost) {
  const Events events = MakeEvents(4, {2});
  mparticle_.OnRequestsWith(kPoison, Action::Answer(400));
  service_.Deliver(events, "acme");
  const size_t before = mparticle_.requests().size();
  const DeliverReply again = service_.Deliver(events, "acme");
  EXPECT_EQ(again.response.results(0).reason(), REASON_TAKEN_EARLIER);
  EXPECT_EQ(again.response.results(2).outcome(), OUTCOME_REJECTED);
  EXPECT_THAT(mparticle_.requests(), SizeIs(before + 1))
      << "the event that stands alone: what refused it may have been mended";
}

TEST_F(IsolationTest, AHalfOfUnknownFateHoldsBackTheOther) {
  mparticle_.OnNextRequest(Action::Answer(400));
  mparticle_.OnNextRequest(Action::Answer(501));
  const Events events = MakeEvents(4, {});
  const DeliverReply reply = Deliver(events);
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_UNKNOWN);
  EXPECT_EQ(reply.response.results(1).outcome(), OUTCOME_UNKNOWN);
  EXPECT_EQ(reply.response.results(2).reason(), REASON_EARLIER_BATCH_NOT_TAKEN);
  EXPECT_EQ(reply.response.results(3).reason(), REASON_EARLIER_BATCH_NOT_TAKEN);
  EXPECT_THAT(mparticle_.requests(), SizeIs(2));
}

}  // namespace
}  // namespace signal_delivery::server
