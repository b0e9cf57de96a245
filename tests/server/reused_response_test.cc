#include "server/reused_response.h"

#include <gtest/gtest.h>

#include <string>

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::EventResult;

// Where the texts of results are that are not short.
const char* PlaceOfId(DeliverEventsResponse& response, size_t bytes = 40) {
  EventResult& result = *response.add_results();
  result.mutable_message_id()->assign(bytes, 'm');
  return result.message_id().data();
}

TEST(ReusedResponseTest, IsEmptyAndHasTheMemoryOfTheThreadsLatest) {
  const char* place;
  {
    ReusedResponse response;
    place = PlaceOfId(*response);
    response->mutable_results(0)->mutable_retry_after()->set_seconds(1);
  }
  ReusedResponse response;
  EXPECT_EQ(response->ByteSizeLong(), 0u);
  EXPECT_EQ(PlaceOfId(*response), place);
  EXPECT_FALSE(response->results(0).has_retry_after());
}

TEST(ReusedResponseTest, TwoAtATimeAreTwo) {
  ReusedResponse first;
  PlaceOfId(*first);
  {
    ReusedResponse second;
    EXPECT_EQ(second->results_size(), 0);
    PlaceOfId(*second);
  }
  EXPECT_EQ(first->results_size(), 1);
}

// Whatever was written, an empty response that a thread keeps is small.
TEST(ReusedResponseTest, WhatIsLargeIsNotKept) {
  constexpr size_t kMuch = 500'000;
  const auto kept = [] {
    ReusedResponse response;
    return response->SpaceUsedLong();
  };
  const size_t little = kept() + 1'000;
  {
    ReusedResponse response;
    PlaceOfId(*response, kMuch);
  }
  EXPECT_LT(kept(), little);
  {
    ReusedResponse response;
    for (int i = 0; i < 10'000; ++i) PlaceOfId(*response);
  }
  EXPECT_LT(kept(), little);
  {
    ReusedResponse response;
    PlaceOfId(*response);
    for (int i = 0; i < 20; ++i) {
      response->mutable_results(0)->add_warnings()->set_description(
          std::string(1'000, 'w'));
    }
  }
  EXPECT_LT(kept(), little);
}

}  // namespace
}  // namespace signal_delivery::server
