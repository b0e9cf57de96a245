// A stream of requests, over real gRPC: what each of them is answered, and
// when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/server/delivery_test.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"
#include "tests/support/stream_caller.h"

namespace signal_delivery::server {
namespace {

using support::Action;
using support::kNoHurry;
using support::LoggedIn;
using support::StreamCaller;
using support::StreamRequest;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

class DeliverStreamTest : public DeliveryTest {
 protected:
  // Of a request with one event.
  static EventResult ResultOf(const DeliverStreamResponse& response) {
    EXPECT_THAT(response.response().results(), SizeIs(1))
        << response.ShortDebugString();
    return response.response().results_size() == 1
               ? response.response().results(0)
               : EventResult();
  }

  void ExpectError(const DeliverStreamResponse& response, grpc::StatusCode code,
                   const std::string& reason) {
    EXPECT_EQ(response.error().code(), code) << response.ShortDebugString();
    EXPECT_EQ(support::ReasonOf(response.error()), reason);
  }

  // By their types; their order says nothing.
  static std::map<std::string, std::string> DetailsOf(
      const google::rpc::Status& status) {
    std::map<std::string, std::string> details;
    for (const auto& detail : status.details()) {
      details[detail.type_url()] = detail.value();
    }
    return details;
  }

  StreamCaller stream_{service_.channel()};
};

TEST_F(DeliverStreamTest, EveryRequestHasAResultForEachOfItsEvents) {
  stream_.Send(StreamRequest(7, {LoggedIn("m-0", "u-0"), LoggedIn("m-1", "")}));
  stream_.Send(StreamRequest(9, {LoggedIn("m-2", "u-2")}));
  stream_.Send(StreamRequest(0, {LoggedIn("m-3", "u-3")}));
  stream_.HalfClose();
  const auto responses = stream_.ReadAll();
  ASSERT_THAT(responses, SizeIs(3));
  const auto& results = responses.at(7).response().results();
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].message_id(), "m-0");
  EXPECT_EQ(results[0].reason(), REASON_TAKEN);
  EXPECT_EQ(results[1].message_id(), "m-1");
  EXPECT_EQ(ResultOf(responses.at(9)).message_id(), "m-2");
  EXPECT_EQ(ResultOf(responses.at(0)).message_id(), "m-3");
  EXPECT_TRUE(stream_.End().ok());
}

TEST_F(DeliverStreamTest, ResponsesComeAsTheyAreReady) {
  absl::Notification may_answer;
  mparticle_.OnRequestsWith("slow", Action::Answer(202).After(may_answer));
  stream_.Send(StreamRequest(1, {LoggedIn("slow", "slow")}));
  stream_.Send(StreamRequest(2, {LoggedIn("fast", "fast")}));
  EXPECT_EQ(stream_.Read()->request_id(), 2u);
  may_answer.Notify();
  EXPECT_EQ(stream_.Read()->request_id(), 1u);
}

TEST_F(DeliverStreamTest, ARequestThatFailsLeavesTheOthersAlone) {
  auto request = StreamRequest(1, {LoggedIn("m-1", "u")}, "none");
  stream_.Send(request);
  stream_.Send(StreamRequest(2, {}));
  request = StreamRequest(3, {LoggedIn("m-3", "u")});
  request.mutable_timeout()->set_seconds(-1);
  stream_.Send(request);
  request.set_request_id(4);
  request.mutable_timeout()->set_seconds(0);
  stream_.Send(request);
  // No protobuf message, but the number can be read.
  request = {};
  request.set_request_id(5);
  stream_.SendBytes(request.SerializeAsString() + "\x0A\x7F");
  stream_.Send(StreamRequest(6, {LoggedIn("m-6", "u")}));
  stream_.HalfClose();
  const auto responses = stream_.ReadAll();
  ASSERT_THAT(responses, SizeIs(6));
  ExpectError(responses.at(1), grpc::StatusCode::NOT_FOUND,
              "NO_SUCH_INTEGRATION");
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  ExpectError(responses.at(2), invalid, "NO_EVENTS");
  ExpectError(responses.at(3), invalid, "INVALID_TIMEOUT");
  ExpectError(responses.at(4), invalid, "INVALID_TIMEOUT");
  ExpectError(responses.at(5), invalid, "UNREADABLE_REQUEST");
  EXPECT_EQ(ResultOf(responses.at(6)).reason(), REASON_TAKEN);
  EXPECT_TRUE(stream_.End().ok());
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
}

TEST_F(DeliverStreamTest, AnErrorIsWhatADeliverEventsCallWouldFailWith) {
  stream_.Send(StreamRequest(1, {}));
  const auto response = stream_.Read();
  google::rpc::Status of_call;
  of_call.ParseFromString(service_.Deliver({}, "acme").status.error_details());
  EXPECT_EQ(response->error().code(), of_call.code());
  EXPECT_EQ(response->error().message(), of_call.message());
  EXPECT_THAT(DetailsOf(of_call), SizeIs(3));
  EXPECT_EQ(DetailsOf(response->error()), DetailsOf(of_call));
}

TEST_F(DeliverStreamTest, WhatNobodyCanTellApartEndsTheStreamAfterTheOthers) {
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  stream_.Send(StreamRequest(1, {LoggedIn("m-1", "u")}));
  mparticle_.WaitForRequests(1);
  stream_.SendBytes("\x0A\x7F");
  // Behind it on the same connection.
  EXPECT_TRUE(service_.Preview({LoggedIn("m", "u")}, "acme").status.ok());
  may_answer.Notify();
  EXPECT_EQ(ResultOf(stream_.Read().value()).reason(), REASON_TAKEN);
  const grpc::Status status = stream_.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(DeliverStreamTest, ARequestIsAnsweredWithinItsTimeout) {
  mparticle_.OnRequestsWith("late", Action::Stall());
  auto request = StreamRequest(1, {LoggedIn("late", "late")});
  request.mutable_timeout()->set_nanos(500'000'000);
  stream_.Send(request);
  EXPECT_EQ(ResultOf(stream_.Read().value()).reason(),
            REASON_NO_ANSWER_BEFORE_DEADLINE);
  stream_.Send(StreamRequest(2, {LoggedIn("m-2", "u")}));
  EXPECT_EQ(ResultOf(stream_.Read().value()).reason(), REASON_TAKEN);
}

TEST_F(DeliverStreamTest, WhatIsUnderWayIsAnsweredAfterAHalfClose) {
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  stream_.Send(StreamRequest(1, {LoggedIn("m-1", "u")}));
  stream_.HalfClose();
  mparticle_.WaitForRequests(1);
  may_answer.Notify();
  EXPECT_EQ(ResultOf(stream_.Read().value()).reason(), REASON_TAKEN);
  EXPECT_TRUE(stream_.End().ok());
}

TEST_F(DeliverStreamTest, AStreamWithoutRequestsIsOk) {
  stream_.HalfClose();
  EXPECT_TRUE(stream_.End().ok());
}

// A drain with no hurry ends only when no request is under way.
TEST_F(DeliverStreamTest, NothingMoreIsBegunForACancelledStream) {
  mparticle_.ByDefault(Action::Answer(503, "", {"Retry-After: 300"}));
  for (int i = 1; i <= 2; ++i) {
    auto request = StreamRequest(
        i, {LoggedIn(absl::StrCat("m-", i), absl::StrCat("u-", i))});
    request.mutable_timeout()->set_seconds(absl::ToInt64Seconds(kNoHurry));
    stream_.Send(request);
  }
  mparticle_.WaitForRequests(2);
  stream_.Cancel();
  EXPECT_EQ(stream_.End().error_code(), grpc::StatusCode::CANCELLED);
  service_.server().Drain(kNoHurry);
  EXPECT_THAT(mparticle_.requests(), SizeIs(2));
}

TEST_F(DeliverStreamTest, TheSameEventsOnAStreamAndInACallArePostedOnce) {
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  const auto event = LoggedIn("m-1", "u-1");
  stream_.Send(StreamRequest(1, {event}));
  mparticle_.WaitForRequests(1);
  auto call = std::async(std::launch::async, [&] {
    return service_.Deliver({event}, "acme").response;
  });
  stream_.Send(StreamRequest(2, {event}));
  may_answer.Notify();
  stream_.HalfClose();
  const auto responses = stream_.ReadAll();
  ASSERT_THAT(responses, SizeIs(2));
  for (const auto& [id, response] : responses) {
    EXPECT_EQ(ResultOf(response).outcome(), OUTCOME_ACCEPTED) << id;
  }
  EXPECT_EQ(call.get().results(0).outcome(), OUTCOME_ACCEPTED);
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
}

TEST_F(DeliverStreamTest, EachRequestCountsAsACallWould) {
  stream_.Send(StreamRequest(1, {LoggedIn("m-1", "u")}));
  stream_.Send(StreamRequest(2, {LoggedIn("m-2", "u"), LoggedIn("m-3", "u")}));
  stream_.Send(StreamRequest(3, {LoggedIn("m-4", "u")}, "none"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(stream_.Read().has_value());
  auto metrics = support::Scrape(service_.server().admin_port());
  EXPECT_EQ(metrics["signal_delivery_events_total{integration=\"acme\","
                    "outcome=\"ACCEPTED\",reason=\"TAKEN\"}"],
            3);
  EXPECT_EQ(metrics["signal_delivery_streams"], 1);
  stream_.HalfClose();
  EXPECT_TRUE(stream_.End().ok());
  metrics = support::Scrape(service_.server().admin_port());
  const auto requests = [&metrics](const std::string& status) {
    return metrics[absl::StrCat(
        "signal_delivery_stream_request_duration_seconds_count{grpc_status=\"",
        status, "\"}")];
  };
  EXPECT_EQ(requests("OK"), 2);
  EXPECT_EQ(requests("NOT_FOUND"), 1);
  EXPECT_EQ(metrics["grpc_server_call_started_total{grpc_method=\"datafly."
                    "delivery.v1.DeliveryService/DeliverStream\"}"],
            1);
  EXPECT_EQ(metrics["grpc_server_call_duration_seconds_count{grpc_method="
                    "\"datafly.delivery.v1.DeliveryService/DeliverStream\","
                    "grpc_status=\"OK\"}"],
            1);
}

}  // namespace
}  // namespace signal_delivery::server
