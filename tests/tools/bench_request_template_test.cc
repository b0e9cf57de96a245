#include <gtest/gtest.h>

#include <set>
#include <string>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "tools/bench_driver/request_template.h"

namespace signal_delivery::bench {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;

DeliverEventsRequest Read(grpc::ByteBuffer wire) {
  DeliverEventsRequest request;
  EXPECT_TRUE(
      (grpc::GenericDeserialize<grpc::ProtoBufferReader, DeliverEventsRequest>(
           &wire, &request)
           .ok()));
  return request;
}

TEST(RequestTemplate, MakesRequestsOfTheShape) {
  RequestTemplate requests(
      {.integration = "acme", .events = 10, .users = 3, .properties = 7});
  const DeliverEventsRequest request = Read(requests.Next());
  EXPECT_EQ(request.integration_id(), "acme");
  ASSERT_EQ(request.events_size(), 10);
  std::set<std::string> users;
  for (const auto& event : request.events()) {
    users.insert(event.user_id());
    EXPECT_EQ(event.anonymous_id(), event.user_id());
    EXPECT_EQ(event.properties().fields_size(), 7);
  }
  EXPECT_EQ(users.size(), 3u);
}

TEST(RequestTemplate, UsesNoNameOfAnEventOrUserAgain) {
  std::set<std::string> events;
  std::set<std::string> users;
  const auto take = [&](RequestTemplate& requests) {
    std::set<std::string> users_of_call;
    const DeliverEventsRequest request = Read(requests.Next());
    for (const auto& event : request.events()) {
      EXPECT_TRUE(events.insert(event.message_id()).second);
      users_of_call.insert(event.user_id());
    }
    for (const std::string& user : users_of_call) {
      EXPECT_TRUE(users.insert(user).second);
    }
  };
  RequestTemplate first({.integration = "acme", .events = 10, .users = 2});
  for (int i = 0; i < 3; ++i) take(first);
  RequestTemplate later({.integration = "acme", .events = 10, .users = 2});
  for (int i = 0; i < 3; ++i) take(later);
}

}  // namespace
}  // namespace signal_delivery::bench
