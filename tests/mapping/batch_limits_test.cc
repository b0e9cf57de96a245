// How much goes into a batch, and that the same events always make the same
// batches: what a caller relies on when it sends again what was not delivered.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/batch_builder.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "tests/mapping/test_time.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::testing::ElementsAre;
using ::testing::SizeIs;

std::unique_ptr<const Mapper> MakeMapper(bool source_request_id = true,
                                         std::string api_key = "key") {
  absl::StatusOr<MappingConfig> config = LoadPreset("default");
  EXPECT_TRUE(config.ok()) << config.status();
  Mapper::Options options;
  options.api_key = std::move(api_key);
  options.source_request_id = source_request_id;
  auto mapper = Mapper::Create(*config, std::move(options));
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  return *std::move(mapper);
}

MappedEvents Map(const Mapper& mapper, const std::vector<Event>& events) {
  std::vector<const Event*> pointers;
  for (const Event& event : events) pointers.push_back(&event);
  return mapper.Map(pointers, kNow);
}

Event Login(const std::string& user, const std::string& message_id) {
  Event event;
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_event("Logged In");
  event.set_user_id(user);
  event.set_message_id(message_id);
  event.mutable_timestamp()->set_seconds(1706540000);
  return event;
}

// A login that is `bytes` larger: in its message_id, the one text of an event
// that is never cut.
Event LargeLogin(const std::string& message_id, size_t bytes,
                 const std::string& user = "u1") {
  return Login(user, message_id + std::string(bytes, 'x'));
}

Event WithProperty(const std::string& message_id, const std::string& text) {
  Event event = Login("u1", message_id);
  (*event.mutable_properties()->mutable_fields())["text"].set_string_value(
      text);
  return event;
}

size_t BodySize(const Mapper& mapper, const std::vector<Event>& events) {
  const MappedEvents mapped = Map(mapper, events);
  EXPECT_THAT(mapped.batches, SizeIs(1));
  return mapped.batches[0].body.size();
}

std::vector<std::vector<int>> EventsOf(const MappedEvents& mapped) {
  std::vector<std::vector<int>> events;
  for (const PreparedBatch& batch : mapped.batches) {
    events.emplace_back(batch.events.begin(), batch.events.end());
  }
  return events;
}

std::vector<std::string> BodiesOf(const MappedEvents& mapped) {
  std::vector<std::string> bodies;
  for (const PreparedBatch& batch : mapped.batches) {
    bodies.push_back(batch.body);
  }
  return bodies;
}

class BatchSizeTest : public testing::TestWithParam<bool> {};

TEST_P(BatchSizeTest, ABatchMayHaveExactlySoManyBytes) {
  const auto mapper = MakeMapper(/*source_request_id=*/GetParam());
  const size_t frame = BodySize(*mapper, {LargeLogin("m1", 0)});

  const MappedEvents largest =
      Map(*mapper, {LargeLogin("m1", 128'000 - frame)});
  ASSERT_THAT(largest.batches, SizeIs(1));
  EXPECT_EQ(largest.batches[0].body.size(), 128'000u);
  EXPECT_EQ(largest.fates[0].fate, Fate::kBatched);

  const MappedEvents larger =
      Map(*mapper, {LargeLogin("m1", 128'000 - frame + 1)});
  EXPECT_THAT(larger.batches, SizeIs(0));
  EXPECT_EQ(larger.fates[0].fate, Fate::kTooLarge);
  ASSERT_THAT(larger.fates[0].findings.violations, SizeIs(1));
  EXPECT_EQ(larger.fates[0].findings.violations[0].description,
            "as a batch of its own it has more than 128000 bytes");
}

TEST_P(BatchSizeTest, EventsShareABatchUpToItsLastByte) {
  const auto mapper = MakeMapper(/*source_request_id=*/GetParam());
  const size_t two =
      BodySize(*mapper, {Login("u1", "m1"), LargeLogin("m2", 0)});

  const MappedEvents together =
      Map(*mapper, {Login("u1", "m1"), LargeLogin("m2", 128'000 - two)});
  EXPECT_THAT(EventsOf(together), ElementsAre(ElementsAre(0, 1)));
  EXPECT_EQ(together.batches[0].body.size(), 128'000u);

  const MappedEvents apart =
      Map(*mapper, {Login("u1", "m1"), LargeLogin("m2", 128'000 - two + 1)});
  EXPECT_THAT(EventsOf(apart), ElementsAre(ElementsAre(0), ElementsAre(1)));
}

INSTANTIATE_TEST_SUITE_P(SourceRequestId, BatchSizeTest, testing::Bool());

TEST(BatchLimitsTest, ManyEventsAreSplitInOrderAndNoneIsLost) {
  const auto mapper = MakeMapper();
  std::vector<Event> events;
  for (int i = 0; i < 1000; ++i) {
    events.push_back(LargeLogin(absl::StrCat("m", i), 700 + i % 13));
  }
  const MappedEvents mapped = Map(*mapper, events);
  EXPECT_GT(mapped.batches.size(), 6u);
  int next = 0;
  for (size_t i = 0; i < mapped.batches.size(); ++i) {
    const PreparedBatch& batch = mapped.batches[i];
    EXPECT_LE(batch.body.size(), kMaxBatchBytes);
    // The next event would not have found room.
    if (i + 1 < mapped.batches.size()) {
      EXPECT_GT(batch.body.size(), kMaxBatchBytes - 1000);
    }
    EXPECT_EQ(batch.lane, mapped.batches[0].lane);
    for (const int event : batch.events) EXPECT_EQ(event, next++);
  }
  EXPECT_EQ(next, 1000);
}

TEST(BatchLimitsTest, AnEventThatIsTooLargeDoesNotKeepTheOthers) {
  const auto mapper = MakeMapper();
  const MappedEvents mapped =
      Map(*mapper, {Login("u1", "m1"), LargeLogin("m2", 200'000),
                    Login("u1", "m3"), LargeLogin("m4", 200'000, "u2")});
  EXPECT_THAT(EventsOf(mapped), ElementsAre(ElementsAre(0, 2)));
  for (const int event : {1, 3}) {
    EXPECT_EQ(mapped.fates[event].fate, Fate::kTooLarge);
    const std::vector<Finding>& violations =
        mapped.fates[event].findings.violations;
    ASSERT_THAT(violations, SizeIs(1));
    EXPECT_EQ(violations[0].rule, Rule::kEventBytes);
  }
}

TEST(BatchLimitsTest, AnIdentifyIsNotCarriedByAnEventThatIsTooLarge) {
  Event identify = Login("u1", "m1");
  identify.set_type(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
  const MappedEvents mapped =
      Map(*MakeMapper(), {identify, LargeLogin("m2", 200'000)});
  EXPECT_EQ(mapped.fates[0].fate, Fate::kNothingToCarry);
}

TEST(BatchLimitsTest, AnIdentifyThatIsTooLargeWeighsOnNoEvent) {
  Event identify = LargeLogin("m1", 200'000);
  identify.set_type(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
  const MappedEvents mapped = Map(*MakeMapper(), {identify, Login("u1", "m2")});
  EXPECT_EQ(mapped.fates[0].fate, Fate::kTooLarge);
  EXPECT_EQ(mapped.fates[1].fate, Fate::kBatched);
  EXPECT_THAT(mapped.batches[0].identifies, SizeIs(0));
}

// The largest request there is. It takes minutes, and so the test's time, if
// any step looks at all identifies for each event.
TEST(BatchLimitsTest, AsManyIdentifiesAsEventsAreNoBurden) {
  std::vector<Event> events;
  for (int i = 0; i < 5'000; ++i) {
    Event identify = Login("u1", absl::StrCat("i", i));
    identify.set_type(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
    (*identify.mutable_traits()->mutable_fields())[absl::StrCat("trait", i)]
        .set_string_value("x");
    events.push_back(std::move(identify));
    events.push_back(Login("u1", absl::StrCat("m", i)));
  }
  const MappedEvents mapped = Map(*MakeMapper(), events);
  size_t in_batches = 0;
  for (const PreparedBatch& batch : mapped.batches) {
    in_batches += batch.events.size();
  }
  EXPECT_EQ(in_batches, 5'000u);
  EXPECT_THAT(mapped.batches.back().identifies, SizeIs(5'000));
}

TEST(BatchLimitsTest, ARequestWithoutEventsHasNoBatches) {
  const MappedEvents mapped = Map(*MakeMapper(), {});
  EXPECT_THAT(mapped.batches, SizeIs(0));
  EXPECT_THAT(mapped.fates, SizeIs(0));
}

// Two users that take turns; the first has batches that end for each of the
// reasons there are: another user part, no room, the end.
std::vector<Event> EventsOfTwoUsers() {
  std::vector<Event> events;
  for (int i = 0; i < 40; ++i) {
    events.push_back(LargeLogin(absl::StrCat("a", i), 16'000, "u1"));
    events.back().mutable_context()->set_ip(i / 10 % 2 == 0 ? "203.0.113.1"
                                                            : "203.0.113.2");
    events.push_back(LargeLogin(absl::StrCat("b", i), 5'000, "u2"));
  }
  return events;
}

TEST(ResendingTest, AnotherMapperMakesTheSameBatchesOfTheSameEvents) {
  const MappedEvents mapped = Map(*MakeMapper(), EventsOfTwoUsers());
  const MappedEvents again = Map(*MakeMapper(), EventsOfTwoUsers());
  EXPECT_EQ(BodiesOf(again), BodiesOf(mapped));
}

TEST(ResendingTest, TheRestOfAUsersBatchesMakesTheSameBatchesAgain) {
  const auto mapper = MakeMapper();
  const std::vector<Event> events = EventsOfTwoUsers();
  const MappedEvents mapped = Map(*mapper, events);
  const int lane = mapped.batches[0].lane;
  std::vector<const PreparedBatch*> of_user;
  for (const PreparedBatch& batch : mapped.batches) {
    if (batch.lane == lane) of_user.push_back(&batch);
  }
  ASSERT_GE(of_user.size(), 8u);

  for (size_t first = 0; first < of_user.size(); ++first) {
    std::vector<Event> rest;
    std::vector<std::string> bodies;
    for (size_t i = first; i < of_user.size(); ++i) {
      bodies.push_back(of_user[i]->body);
      for (const int event : of_user[i]->events) rest.push_back(events[event]);
    }
    EXPECT_EQ(BodiesOf(Map(*mapper, rest)), bodies) << "from batch " << first;
  }
}

TEST(ResendingTest, TheRestWithItsIdentifiesMakesTheSameBatchesAgain) {
  const auto mapper = MakeMapper();
  std::vector<Event> events;
  for (int i = 0; i < 3; ++i) {
    Event identify = Login("u1", absl::StrCat("i", i));
    identify.set_type(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
    (*identify.mutable_traits()->mutable_fields())[i == 0 ? "email" : "phone"]
        .set_string_value(absl::StrCat("value", i));
    events.push_back(std::move(identify));
    events.push_back(Login("u1", absl::StrCat("m", i)));
  }
  const MappedEvents mapped = Map(*mapper, events);
  ASSERT_THAT(mapped.batches, SizeIs(3));
  EXPECT_THAT(mapped.batches[2].identifies, ElementsAre(0, 2, 4));

  // What the last batch is made of: its events and who told about its user.
  const MappedEvents rest =
      Map(*mapper, {events[0], events[2], events[4], events[5]});
  EXPECT_THAT(BodiesOf(rest), ElementsAre(mapped.batches[2].body));
}

TEST(SourceRequestIdTest, DiffersBetweenApiKeys) {
  const std::vector<Event> events = {Login("u1", "m1")};
  EXPECT_NE(Map(*MakeMapper(true, "a"), events).batches[0].source_request_id,
            Map(*MakeMapper(true, "b"), events).batches[0].source_request_id);
}

TEST(HalvingTest, AHalfIsWhatItsEventsAloneWouldMake) {
  for (const bool source_request_id : {true, false}) {
    const auto mapper = MakeMapper(source_request_id);
    for (int count = 2; count <= 7; ++count) {
      std::vector<Event> events;
      for (int i = 0; i < count; ++i) {
        events.push_back(WithProperty(absl::StrCat("m", i), "\"]},{[\""));
      }
      const MappedEvents mapped = Map(*mapper, events);
      ASSERT_THAT(mapped.batches, SizeIs(1));
      const auto [first, second] = mapper->Halve(mapped.batches[0]);
      const auto middle = events.begin() + count / 2;
      const MappedEvents first_alone =
          Map(*mapper, std::vector<Event>(events.begin(), middle));
      const MappedEvents second_alone =
          Map(*mapper, std::vector<Event>(middle, events.end()));
      EXPECT_EQ(first.body, first_alone.batches[0].body);
      EXPECT_EQ(second.body, second_alone.batches[0].body);
      EXPECT_EQ(first.source_request_id,
                first_alone.batches[0].source_request_id);
      EXPECT_EQ(second.source_request_id,
                second_alone.batches[0].source_request_id);
      EXPECT_EQ(first.event_offsets, first_alone.batches[0].event_offsets);
      EXPECT_EQ(second.event_offsets, second_alone.batches[0].event_offsets);
      EXPECT_EQ(second.events.front(), count / 2);
    }
  }
}

TEST(HalvingTest, BothHalvesCarryTheIdentify) {
  Event identify = Login("u1", "m0");
  identify.set_type(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
  const auto mapper = MakeMapper();
  const MappedEvents mapped =
      Map(*mapper, {identify, Login("u1", "m1"), Login("u1", "m2")});
  const auto [first, second] = mapper->Halve(mapped.batches.at(0));
  EXPECT_THAT(first.identifies, ElementsAre(0));
  EXPECT_THAT(second.identifies, ElementsAre(0));
}

TEST(SourceRequestIdTest, DoesNotDependOnTheContentOfEventsWithMessageIds) {
  const auto mapper = MakeMapper();
  const MappedEvents small = Map(*mapper, {WithProperty("m1", "a")});
  const MappedEvents large = Map(*mapper, {WithProperty("m1", "b")});
  EXPECT_EQ(small.batches[0].source_request_id,
            large.batches[0].source_request_id);
}

TEST(SourceRequestIdTest, WithoutAMessageIdTheContentCounts) {
  const auto mapper = MakeMapper();
  const auto id_of = [&](const Event& event) {
    return Map(*mapper, {event}).batches[0].source_request_id;
  };
  EXPECT_EQ(id_of(WithProperty("", "a")), id_of(WithProperty("", "a")));
  EXPECT_NE(id_of(WithProperty("", "a")), id_of(WithProperty("", "b")));
  Event later = WithProperty("", "a");
  later.mutable_timestamp()->set_nanos(1);
  EXPECT_NE(id_of(WithProperty("", "a")), id_of(later));
}

TEST(SourceRequestIdTest, MessageIdsDoNotRunIntoEachOther) {
  const auto mapper = MakeMapper();
  const auto id_of = [&](const std::vector<Event>& events) {
    return Map(*mapper, events).batches[0].source_request_id;
  };
  EXPECT_NE(id_of({Login("u1", "a"), Login("u1", "b")}),
            id_of({Login("u1", "ab")}));
  EXPECT_NE(id_of({Login("u1", "a"), Login("u1", "b")}),
            id_of({Login("u1", "a,1:b")}));
  EXPECT_NE(id_of({Login("u1", "a"), Login("u1", "b")}),
            id_of({Login("u1", "b"), Login("u1", "a")}));
}

TEST(BatchLimitsTest, ABatchTakesLittleMoreMemoryThanItsBody) {
  const auto mapper = MakeMapper();
  std::vector<Event> of_many_users;
  std::vector<Event> of_one_user;
  for (int i = 0; i < 200; ++i) {
    // Two in a row.
    of_many_users.push_back(
        Login(absl::StrCat("user-", i / 2), absl::StrCat("m", i)));
    of_one_user.push_back(Login("u1", absl::StrCat("m", i)));
  }
  for (const auto& events : {of_many_users, of_one_user}) {
    size_t size = 0;
    size_t capacity = 0;
    for (const PreparedBatch& batch : Map(*mapper, events).batches) {
      size += batch.body.size();
      capacity += batch.body.capacity();
    }
    EXPECT_LT(capacity, 3 * size);
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
