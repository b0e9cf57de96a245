// The promise that a caller stands on when it sends again what was not taken:
// whatever the events and wherever the batches of each user failed, the rest
// makes the same batches, byte for byte, with the same ids.
#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "tests/mapping/test_time.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;

constexpr int kRequests = 1'000;
constexpr int kEventsPerRequest = 14;

class Requests {
 public:
  explicit Requests(int seed) : random_(seed) {}

  int Below(int n) {
    return std::uniform_int_distribution<>(0, n - 1)(random_);
  }

  // A few users on a few devices, known, unknown and changing; some of them
  // tell who they are, some events are mapped to nothing, some are large.
  std::vector<Event> Next() {
    std::vector<Event> events(kEventsPerRequest);
    for (int i = 0; i < kEventsPerRequest; ++i) {
      Event& event = events[i];
      const bool is_identify = Below(5) == 0;
      event.set_type(is_identify ? datafly::signal::v1::EVENT_TYPE_IDENTIFY
                                 : datafly::signal::v1::EVENT_TYPE_TRACK);
      event.set_event(Below(8) == 0 ? "Not Mapped" : "Logged In");
      event.set_message_id(absl::StrCat("m", i));
      const int ids = 1 + Below(3);
      if (ids & 1) event.set_user_id(absl::StrCat("u", Below(3)));
      if (ids & 2) event.set_anonymous_id(absl::StrCat("a", Below(3)));
      event.mutable_context()->set_ip(absl::StrCat("192.0.2.", Below(2)));
      if (is_identify) {
        (*event.mutable_traits()->mutable_fields())["email"].set_string_value(
            absl::StrCat("e", Below(2), "@example.com"));
      }
      if (Below(4) == 0) event.mutable_message_id()->append(60'000, 'x');
    }
    return events;
  }

 private:
  std::mt19937 random_;
};

MappedEvents Map(const Mapper& mapper, const std::vector<Event>& events) {
  std::vector<const Event*> pointers;
  for (const Event& event : events) pointers.push_back(&event);
  return mapper.Map(pointers, kNow);
}

TEST(ResendingTest, WhateverFailedMakesTheSameBatchesAgain) {
  const auto config = LoadPreset("default");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto mapper = Mapper::Create(*config, {.api_key = "key"});
  ASSERT_TRUE(mapper.ok()) << mapper.status();
  Requests requests(/*seed=*/20260225);
  int batches_sent_again = 0;

  for (int request = 0; request < kRequests; ++request) {
    const std::vector<Event> events = requests.Next();
    const MappedEvents mapped = Map(**mapper, events);

    // In each lane the first batches are taken; the one after is not, and holds
    // back the others. What is to be sent again are their events, and the
    // identifies that they carry.
    std::map<int, int> taken_of_lane;
    std::set<int> again;
    std::multiset<std::string> expected;
    for (const PreparedBatch& batch : mapped.batches) {
      const auto [taken, is_new] =
          taken_of_lane.try_emplace(batch.lane, requests.Below(4));
      if (taken->second-- > 0) continue;
      taken->second = 0;
      again.insert(batch.events.begin(), batch.events.end());
      again.insert(batch.identifies.begin(), batch.identifies.end());
      expected.insert(batch.body);
    }
    std::vector<Event> rest;
    for (const int index : again) rest.push_back(events[index]);

    std::multiset<std::string> bodies;
    for (const PreparedBatch& batch : Map(**mapper, rest).batches) {
      bodies.insert(batch.body);
    }
    ASSERT_EQ(bodies.size(), expected.size()) << "request " << request;
    ASSERT_TRUE(bodies == expected) << "request " << request;
    batches_sent_again += static_cast<int>(expected.size());
  }
  EXPECT_GT(batches_sent_again, kRequests);
}

}  // namespace
}  // namespace signal_delivery::mapping
