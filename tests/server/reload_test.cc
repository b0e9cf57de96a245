// What a change of an integration's file means for calls, over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "absl/synchronization/notification.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "tests/server/delivery_test.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::OUTCOME_ACCEPTED;
using ::datafly::delivery::v1::OUTCOME_DROPPED;
using ::datafly::delivery::v1::REASON_TAKEN;
using ::datafly::delivery::v1::REASON_TAKEN_EARLIER;
using support::Action;
using support::DeliverReply;
using support::LoggedIn;
using ::testing::SizeIs;

class ReloadTest : public DeliveryTest {
 protected:
  void Reload(const std::string& host, const std::string& more = "") {
    service_.WriteIntegration("acme", IntegrationTo(host) + more);
    ASSERT_TRUE(service_.server().integrations().Reload().value());
  }

  support::ScriptedTlsServer elsewhere_;
};

TEST_F(ReloadTest, ACallUnderWayEndsAsItBeganAndTheNextIsNew) {
  absl::Notification reloaded;
  mparticle_.OnNextRequest(Action::Answer(503));
  mparticle_.OnNextRequest(Action::Answer(202).After(reloaded));
  auto under_way = std::async(std::launch::async, [&] {
    return service_.Deliver({LoggedIn("m-1", "u-1")}, "acme");
  });
  mparticle_.WaitForRequests(2);
  Reload(elsewhere_.name_and_port());

  const DeliverReply next = service_.Deliver({LoggedIn("m-2", "u-2")}, "acme");
  ASSERT_THAT(next.response.results(), SizeIs(1));
  EXPECT_EQ(next.response.results(0).outcome(), OUTCOME_ACCEPTED);
  EXPECT_THAT(elsewhere_.requests(), SizeIs(1));

  reloaded.Notify();
  const DeliverReply first = under_way.get();
  ASSERT_THAT(first.response.results(), SizeIs(1));
  EXPECT_EQ(first.response.results(0).outcome(), OUTCOME_ACCEPTED);
  EXPECT_THAT(mparticle_.requests(), SizeIs(2));
  EXPECT_THAT(elsewhere_.requests(), SizeIs(1));
}

TEST_F(ReloadTest, WhatAWrongHostTookIsPostedToTheRightOne) {
  const support::Events events = {LoggedIn("m-1", "u-1")};
  ASSERT_EQ(service_.Deliver(events, "acme").response.results(0).reason(),
            REASON_TAKEN);
  Reload(elsewhere_.name_and_port());
  EXPECT_EQ(service_.Deliver(events, "acme").response.results(0).reason(),
            REASON_TAKEN);
  EXPECT_THAT(elsewhere_.requests(), SizeIs(1));
  EXPECT_EQ(service_.Deliver(events, "acme").response.results(0).reason(),
            REASON_TAKEN_EARLIER);
}

TEST_F(ReloadTest, WhatIsSwitchedOffIsNotSentAnyMore) {
  Reload(mparticle_.name_and_port(), "events: {Logged In: {enabled: false}}\n");
  const DeliverReply reply = service_.Deliver({LoggedIn("m-1", "u-1")}, "acme");
  ASSERT_THAT(reply.response.results(), SizeIs(1));
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_DROPPED);
  EXPECT_EQ(mparticle_.connections(), 0);
}

TEST_F(ReloadTest, OneThatIsAddedTakesCalls) {
  service_.WriteIntegration("new", IntegrationTo(mparticle_.name_and_port()));
  ASSERT_TRUE(service_.server().integrations().Reload().value());
  const DeliverReply reply = service_.Deliver({LoggedIn("m-1", "u-1")}, "new");
  ASSERT_THAT(reply.response.results(), SizeIs(1));
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_ACCEPTED);
}

}  // namespace
}  // namespace signal_delivery::server
