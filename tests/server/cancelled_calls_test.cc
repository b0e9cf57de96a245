// Calls whose callers have gone: nothing more is begun for them, and nothing is
// held for them.
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "tests/server/delivery_test.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using support::Action;
using support::kNoHurry;
using support::LoggedIn;
using DeliveryStub = ::datafly::delivery::v1::DeliveryService;

class CancelledCallsTest : public DeliveryTest {
 protected:
  // A call of two users' events, with all the time there is.
  std::future<grpc::Status> StartCall() {
    for (int i = 0; i < 4; ++i) {
      *request_.add_events() =
          LoggedIn(absl::StrCat("m-", i), absl::StrCat("u-", i % 2));
    }
    request_.set_integration_id("acme");
    context_.set_deadline(absl::ToChronoTime(absl::Now() + kNoHurry));
    return std::async(std::launch::async, [this] {
      DeliverEventsResponse response;
      return DeliveryStub::NewStub(service_.channel())
          ->DeliverEvents(&context_, request_, &response);
    });
  }

  DeliverEventsRequest request_;
  grpc::ClientContext context_;
};

// A drain with no hurry ends only when no call is under way.
TEST_F(CancelledCallsTest, ACallThatWaitsForAConnectionEndsAtOnce) {
  for (int i = 0; i < 2; ++i) mparticle_.BeforeNextHandshake(Action::Stall());
  auto status = StartCall();
  mparticle_.WaitForConnections(2);
  context_.TryCancel();
  EXPECT_EQ(status.get().error_code(), grpc::StatusCode::CANCELLED);
  service_.server().Drain(kNoHurry);
  EXPECT_EQ(mparticle_.received_bytes(), 0u);
}

TEST_F(CancelledCallsTest, ACallThatRestsBeforeAnotherAttemptMakesNone) {
  for (int i = 0; i < 2; ++i) {
    mparticle_.OnNextRequest(Action::Answer(503, "", {"Retry-After: 300"}));
  }
  auto status = StartCall();
  mparticle_.WaitForRequests(2);
  context_.TryCancel();
  EXPECT_EQ(status.get().error_code(), grpc::StatusCode::CANCELLED);
  service_.server().Drain(kNoHurry);
  EXPECT_EQ(mparticle_.requests().size(), 2u);
}

}  // namespace
}  // namespace signal_delivery::server
