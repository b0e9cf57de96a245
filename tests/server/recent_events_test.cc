// What the event debugger keeps, hands on, and gives up.
#include "server/recent_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/kept_event.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DebuggedEvent;
using ::datafly::delivery::v1::OUTCOME_ACCEPTED;
using ::datafly::delivery::v1::OUTCOME_REJECTED;
using ::datafly::delivery::v1::TailEventsResponse;
using ::google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

DebuggedEvent Named(const std::string& message_id,
                    const std::string& integration = "acme") {
  DebuggedEvent event;
  event.set_integration_id(integration);
  event.mutable_result()->set_message_id(message_id);
  event.mutable_result()->set_outcome(OUTCOME_ACCEPTED);
  return event;
}

// Notes what it is told: "m-1", "missed 3", "end".
class Watcher final : public RecentEvents::Tail {
 public:
  void Send(TailEventsResponse message) override {
    if (message.missed() > 0) {
      told.push_back(absl::StrCat("missed ", message.missed()));
    }
    if (message.has_event()) {
      told.push_back(message.event().result().message_id());
      latest = message.event();
    }
  }
  void End() override { told.push_back("end"); }
  void Abandon() override { told.push_back("abandoned"); }

  std::vector<std::string> told;
  DebuggedEvent latest;
};

EventFilter Filter(int recent, bool follow = true,
                   const std::string& integration = "") {
  EventFilter filter;
  filter.wanted.set_recent(recent);
  filter.wanted.set_follow(follow);
  filter.wanted.set_integration_id(integration);
  return filter;
}

std::vector<std::string> Ids(const RecentEvents::Page& page) {
  std::vector<std::string> ids;
  for (const auto& event : page.events) {
    ids.push_back(event.result().message_id());
  }
  return ids;
}

void AddNamed(RecentEvents& events, int first, int last) {
  for (int i = first; i <= last; ++i) {
    events.Add("acme", {KeptEvent(Named(absl::StrCat("m-", i)))}, 0);
  }
}

TEST(RecentEventsTest, KeepsTheLatestWithinItsCount) {
  RecentEvents events({.max_events = 3});
  AddNamed(events, 1, 5);
  const auto page = events.Latest({}, 0, 10);
  EXPECT_THAT(Ids(page), ElementsAre("m-3", "m-4", "m-5"));
  EXPECT_EQ(page.last, 5);
  EXPECT_EQ(page.events[0].sequence(), 3);
}

TEST(RecentEventsTest, ShowsAnEventAsItWasAddedWithItsNumber) {
  RecentEvents events;
  AddNamed(events, 1, 300);  // a number of more than one byte
  DebuggedEvent event = Named("m-301");
  event.set_event_name("Signed Up");
  event.set_payload("{}");
  Watcher watcher;
  ASSERT_TRUE(events.Open(watcher, Filter(0)));
  events.Add("acme", {KeptEvent(event)}, 0);
  event.set_sequence(301);
  const auto page = events.Latest({}, 300, 10);
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_TRUE(MessageDifferencer::Equals(page.events[0], event));
  EXPECT_TRUE(MessageDifferencer::Equals(watcher.latest, event));
  events.Close(watcher);
}

TEST(RecentEventsTest, FindsWhatMatchesAmongWhatIsKept) {
  RecentEvents events;
  AddNamed(events, 1, 3);
  events.Add("beta", {KeptEvent(Named("m-4", "beta"))}, 0);
  AddNamed(events, 5, 6);
  EventFilter filter = Filter(10, /*follow=*/false, "beta");
  EXPECT_THAT(Ids(events.Latest(filter, 0, 10)), ElementsAre("m-4"));
  Watcher watcher;
  ASSERT_TRUE(events.Open(watcher, filter));
  events.Sent(watcher);
  EXPECT_THAT(watcher.told, ElementsAre("m-4", "end"));
}

TEST(RecentEventsTest, WhatWaitsIsSentThoughItIsKeptNoMore) {
  RecentEvents events({.max_events = 1});
  Watcher slow;
  ASSERT_TRUE(events.Open(slow, Filter(0)));
  AddNamed(events, 1, 3);
  EXPECT_THAT(Ids(events.Latest({}, 0, 10)), ElementsAre("m-3"));
  for (int i = 0; i < 3; ++i) events.Sent(slow);
  EXPECT_THAT(slow.told, ElementsAre("m-1", "m-2", "m-3"));
  events.Close(slow);
}

TEST(RecentEventsTest, KeepsTheLatestWithinItsBytes) {
  RecentEvents events({.max_bytes = 10'000});
  for (int i = 0; i < 50; ++i) {
    DebuggedEvent event = Named(absl::StrCat("m-", i));
    event.set_payload(std::string(1'000, 'x'));
    events.Add("acme", {KeptEvent(event)}, 0);
  }
  EXPECT_EQ(events.Latest({}, 0, 100).events.size(), 9u);
  DebuggedEvent huge = Named("huge");
  huge.set_payload(std::string(10'000, 'x'));
  events.Add("acme", {KeptEvent(huge)}, 0);
  EXPECT_THAT(events.Latest({}, 0, 100).events, IsEmpty());
}

TEST(RecentEventsTest, TellsWhatIsNewAndHowManyAreMissing) {
  RecentEvents events({.max_events = 3});
  AddNamed(events, 1, 2);
  EXPECT_EQ(events.Latest({}, 0, 10).missed, 0);
  AddNamed(events, 3, 7);
  auto page = events.Latest({}, 2, 10);
  EXPECT_THAT(Ids(page), ElementsAre("m-5", "m-6", "m-7"));
  EXPECT_EQ(page.missed, 2) << "m-3 and m-4 are gone";
  page = events.Latest({}, 5, 1);
  EXPECT_THAT(Ids(page), ElementsAre("m-7"));
  EXPECT_EQ(page.missed, 1) << "there was no room for m-6";
  events.Add("acme", {}, 10);
  page = events.Latest({}, 7, 10);
  EXPECT_THAT(Ids(page), IsEmpty());
  EXPECT_EQ(page.missed, 10);
  EXPECT_EQ(page.last, 17);
}

TEST(RecentEventsTest, SendsTheLatestAndThenThoseThatFollow) {
  RecentEvents events;
  AddNamed(events, 1, 3);
  Watcher watcher;
  ASSERT_TRUE(events.Open(watcher, Filter(2)));
  EXPECT_THAT(watcher.told, ElementsAre("m-2")) << "one at a time";
  events.Sent(watcher);
  events.Sent(watcher);
  EXPECT_THAT(watcher.told, ElementsAre("m-2", "m-3"));
  AddNamed(events, 4, 4);
  EXPECT_THAT(watcher.told, ElementsAre("m-2", "m-3", "m-4"));
  EXPECT_TRUE(events.Close(watcher));
  EXPECT_FALSE(events.Close(watcher));
  events.Sent(watcher);
  AddNamed(events, 5, 5);
  EXPECT_THAT(watcher.told, ElementsAre("m-2", "m-3", "m-4"));
}

TEST(RecentEventsTest, EndsWhereNothingIsToFollow) {
  RecentEvents events;
  AddNamed(events, 1, 1);
  Watcher watcher;
  ASSERT_TRUE(events.Open(watcher, Filter(5, /*follow=*/false)));
  AddNamed(events, 2, 2);
  EXPECT_THAT(watcher.told, ElementsAre("m-1"));
  events.Sent(watcher);
  EXPECT_THAT(watcher.told, ElementsAre("m-1", "end"));
  EXPECT_FALSE(events.Close(watcher));
}

TEST(RecentEventsTest, WhoDoesNotKeepUpIsToldHowManyAreMissing) {
  RecentEvents events({.max_waiting_events = 2});
  Watcher slow;
  ASSERT_TRUE(events.Open(slow, Filter(0)));
  AddNamed(events, 1, 6);  // m-1 is being sent, m-2 and m-3 wait
  events.Sent(slow);       // makes room for one
  AddNamed(events, 7, 8);  // m-8 finds none
  for (int i = 0; i < 5; ++i) events.Sent(slow);
  EXPECT_THAT(slow.told,
              ElementsAre("m-1", "m-2", "m-3", "missed 3", "m-7", "missed 1"));
  AddNamed(events, 9, 9);
  EXPECT_EQ(slow.told.back(), "m-9");
  events.Close(slow);
}

TEST(RecentEventsTest, WhatWaitsIsBoundedInBytes) {
  RecentEvents events({.max_waiting_bytes = 2'500});
  Watcher slow;
  ASSERT_TRUE(events.Open(slow, Filter(0)));
  for (int i = 0; i < 5; ++i) {
    DebuggedEvent event = Named(absl::StrCat("m-", i));
    event.set_payload(std::string(1'000, 'x'));
    events.Add("acme", {KeptEvent(event)}, 0);
  }
  for (int i = 0; i < 4; ++i) events.Sent(slow);
  EXPECT_THAT(slow.told, ElementsAre("m-0", "m-1", "m-2", "missed 2"));
  events.Close(slow);
}

TEST(RecentEventsTest, OnlyThoseWhoMayHaveWantedThemMissEvents) {
  RecentEvents events;
  Watcher acme, beta, not_acme;
  ASSERT_TRUE(events.Open(acme, Filter(0, true, "acme")));
  ASSERT_TRUE(events.Open(beta, Filter(0, true, "beta")));
  EventFilter filter = Filter(0);
  filter.allowed.emplace({"beta"});
  ASSERT_TRUE(events.Open(not_acme, filter));
  events.Add("acme", {KeptEvent(Named("m-1"))}, 4);
  EXPECT_THAT(acme.told, ElementsAre("missed 4", "m-1"));
  EXPECT_THAT(beta.told, IsEmpty());
  EXPECT_THAT(not_acme.told, IsEmpty());
  for (Watcher* watcher : {&acme, &beta, &not_acme}) events.Close(*watcher);
}

TEST(RecentEventsTest, FiltersByEveryField) {
  DebuggedEvent event = Named("m-1");
  event.set_event_name("Signed Up");
  event.mutable_result()->set_reason(datafly::delivery::v1::REASON_TAKEN);
  const KeptEvent kept(event);
  const auto matches = [&kept](auto set) {
    EventFilter filter;
    set(filter.wanted);
    return filter.Matches(kept.marks());
  };
  EXPECT_TRUE(matches([](auto&) {}));
  EXPECT_TRUE(matches([](auto& w) { w.set_message_id("m-1"); }));
  EXPECT_FALSE(matches([](auto& w) { w.set_message_id("m-2"); }));
  EXPECT_TRUE(matches([](auto& w) { w.set_event_name("Signed Up"); }));
  EXPECT_FALSE(matches([](auto& w) { w.set_event_name("Signed"); }));
  EXPECT_TRUE(matches([](auto& w) { w.set_integration_id("acme"); }));
  EXPECT_FALSE(matches([](auto& w) { w.set_integration_id("beta"); }));
  EXPECT_TRUE(matches([](auto& w) {
    w.add_outcomes(OUTCOME_REJECTED);
    w.add_outcomes(OUTCOME_ACCEPTED);
  }));
  EXPECT_FALSE(matches([](auto& w) { w.add_outcomes(OUTCOME_REJECTED); }));
  EXPECT_TRUE(matches(
      [](auto& w) { w.add_reasons(datafly::delivery::v1::REASON_TAKEN); }));
  EXPECT_FALSE(matches(
      [](auto& w) { w.add_reasons(datafly::delivery::v1::REASON_PACED); }));
}

TEST(RecentEventsTest, SoManyMayWatchAndNoMore) {
  RecentEvents events({.max_tails = 2});
  Watcher first, second, third;
  EXPECT_TRUE(events.Open(first, Filter(0)));
  EXPECT_TRUE(events.Open(second, Filter(0)));
  EXPECT_FALSE(events.Open(third, Filter(0)));
  events.Close(first);
  EXPECT_TRUE(events.Open(third, Filter(0)));
  events.Close(second);
  events.Close(third);
}

TEST(RecentEventsTest, WhoIsEndedMayOpenAgain) {
  RecentEvents events;
  Watcher first, second;
  ASSERT_TRUE(events.Open(first, Filter(0)));
  events.EndTails(RecentEvents::Reopening::kAllowed);
  EXPECT_THAT(first.told, ElementsAre("end"));
  ASSERT_TRUE(events.Open(second, Filter(0)));
  AddNamed(events, 1, 1);
  EXPECT_THAT(second.told, ElementsAre("m-1"));
  events.Close(second);
}

TEST(RecentEventsTest, AtTheEndEachIsSentWhatWaitsAndNoMore) {
  RecentEvents events;
  AddNamed(events, 1, 2);
  Watcher idle, behind;
  ASSERT_TRUE(events.Open(idle, Filter(0)));
  ASSERT_TRUE(events.Open(behind, Filter(2)));
  events.EndTails(RecentEvents::Reopening::kNo);
  EXPECT_THAT(idle.told, ElementsAre("end"));
  AddNamed(events, 3, 3);
  events.AbandonTails();
  EXPECT_THAT(behind.told, ElementsAre("m-1", "abandoned"));
  events.Sent(behind);
  events.Sent(behind);
  EXPECT_THAT(behind.told, ElementsAre("m-1", "abandoned", "m-2", "end"));
  Watcher late;
  EXPECT_TRUE(events.Open(late, Filter(0)));
  EXPECT_THAT(late.told, ElementsAre("end"));
}

}  // namespace
}  // namespace signal_delivery::server
