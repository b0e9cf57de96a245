// A caller who did not hear the answer calls again: what mParticle took is not
// posted a second time, and what it did not take is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/server/delivery_test.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using support::Action;
using support::DeliverReply;
using support::Events;
using support::Identify;
using support::LoggedIn;
using support::With;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

class RepeatsTest : public DeliveryTest {
 protected:
  DeliverReply Deliver(const Events& events) {
    DeliverReply reply = service_.Deliver(events, "acme");
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    EXPECT_EQ(reply.response.results_size(), static_cast<int>(events.size()));
    return reply;
  }
};

TEST_F(RepeatsTest, ACallThatWasTakenIsNotPostedAgain) {
  const Events events = {Identify("m-0", "u-1"), LoggedIn("m-1", "u-1")};
  const DeliverReply first = Deliver(events);
  const DeliverReply second = Deliver(events);
  for (int i = 0; i < 2; ++i) {
    const EventResult& result = second.response.results(i);
    EXPECT_EQ(result.outcome(), OUTCOME_ACCEPTED);
    EXPECT_EQ(result.reason(), REASON_TAKEN_EARLIER);
    EXPECT_EQ(result.message_id(), events[i].message_id());
    EXPECT_EQ(result.http_status(), 202);
    EXPECT_EQ(result.attempts(), 0);
    EXPECT_EQ(result.source_request_id(),
              first.response.results(i).source_request_id());
  }
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
}

TEST_F(RepeatsTest, ACallWhoseAnswerCameTooLateIsNotPostedAgain) {
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  const Events events = {LoggedIn("m-1", "u-1")};
  const DeliverReply first =
      service_.Deliver(events, "acme", absl::Milliseconds(500));
  EXPECT_EQ(first.response.results(0).outcome(), OUTCOME_UNKNOWN);
  may_answer.Notify();
  const DeliverReply again = Deliver(events);
  EXPECT_EQ(again.response.results(0).reason(), REASON_TAKEN_EARLIER);
  EXPECT_EQ(again.response.results(0).attempts(), 0);
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
}

TEST_F(RepeatsTest, ACallThatIsUnderWayIsNotPostedAgain) {
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  const Events events = {LoggedIn("m-1", "u-1")};
  auto first = std::async(std::launch::async, [&] { return Deliver(events); });
  mparticle_.WaitForRequests(1);
  const DeliverReply impatient =
      service_.Deliver(events, "acme", absl::Milliseconds(300));
  EXPECT_EQ(impatient.response.results(0).outcome(), OUTCOME_UNKNOWN);
  EXPECT_EQ(impatient.response.results(0).attempts(), 0);
  auto patient =
      std::async(std::launch::async, [&] { return Deliver(events); });
  may_answer.Notify();
  EXPECT_EQ(first.get().response.results(0).reason(), REASON_TAKEN);
  EXPECT_EQ(patient.get().response.results(0).reason(), REASON_TAKEN_EARLIER);
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
}

TEST_F(RepeatsTest, WhatWasNotTakenIsPostedAgain) {
  for (const int status : {503, 500, 400}) {
    // Later than any deadline, so that the call does not try again itself.
    mparticle_.OnNextRequest(Action::Answer(status, "", {"Retry-After: 3600"}));
    const Events events = {LoggedIn(absl::StrCat("m-", status), "u-1")};
    Deliver(events);
    const DeliverReply again = Deliver(events);
    EXPECT_EQ(again.response.results(0).reason(), REASON_TAKEN);
  }
}

TEST_F(RepeatsTest, OfARepeatedCallOnlyWhatWasNotTakenIsPosted) {
  const Events events = {LoggedIn("m-1", "u-1"),
                         support::From("192.0.2.2", LoggedIn("m-2", "u-1"))};
  mparticle_.OnNextRequest(Action::Answer(202));
  mparticle_.OnNextRequest(Action::Answer(400));
  Deliver(events);
  const DeliverReply reply = Deliver(events);
  EXPECT_EQ(reply.response.results(0).reason(), REASON_TAKEN_EARLIER);
  EXPECT_EQ(reply.response.results(1).reason(), REASON_TAKEN);
  EXPECT_THAT(mparticle_.requests(), SizeIs(3));
}

// What a batch is made of must not depend on what a process remembers: on
// another replica the same call makes the same batches.
TEST_F(RepeatsTest, AnEventThatWasTakenStaysInItsNewBatch) {
  Deliver({LoggedIn("m-1", "u-1")});
  const DeliverReply reply =
      Deliver({LoggedIn("m-1", "u-1"), LoggedIn("m-2", "u-1")});
  EXPECT_EQ(reply.response.results(0).reason(), REASON_TAKEN);
  ASSERT_THAT(mparticle_.requests(), SizeIs(2));
  EXPECT_THAT(mparticle_.requests()[1].body, HasSubstr("\"m-1\""));
}

TEST_F(RepeatsTest, AnIdentifyTellsNewEventsAgain) {
  const auto identify = [] {
    auto event = Identify("m-0", "u-1");
    (*event.mutable_traits()->mutable_fields())["email"].set_string_value(
        "a@b.example");
    return event;
  };
  Deliver({identify(), LoggedIn("m-1", "u-1")});
  const DeliverReply reply = Deliver({identify(), LoggedIn("m-2", "u-1")});
  EXPECT_EQ(reply.response.results(0).outcome(), OUTCOME_ACCEPTED);
  ASSERT_THAT(mparticle_.requests(), SizeIs(2));
  EXPECT_THAT(mparticle_.requests()[1].body, HasSubstr("a@b.example"));
}

TEST_F(RepeatsTest, TwiceInOneRequestIsSentOnce) {
  const DeliverReply reply = Deliver(
      {LoggedIn("m-1", "u-1"), LoggedIn("m-2", "u-1"), LoggedIn("m-1", "u-1")});
  const EventResult& first = reply.response.results(0);
  const EventResult& repeat = reply.response.results(2);
  EXPECT_EQ(repeat.outcome(), OUTCOME_ACCEPTED);
  EXPECT_EQ(repeat.source_request_id(), first.source_request_id());
  EXPECT_EQ(repeat.warnings_size(), first.warnings_size() + 1);
  EXPECT_EQ(repeat.warnings(repeat.warnings_size() - 1).rule(), "repeat");
  ASSERT_THAT(mparticle_.requests(), SizeIs(1));
  const std::string body = mparticle_.requests()[0].body;
  EXPECT_EQ(body.find("\"m-1\""), body.rfind("\"m-1\""));
}

TEST_F(RepeatsTest, ByTypeAndInPropertiesIsTwiceToo) {
  datafly::signal::v1::Event by_type = LoggedIn("m-1", "u-1");
  by_type.mutable_properties()->clear_fields();
  by_type.mutable_ecommerce()->set_order_id("o-1");
  datafly::signal::v1::Event in_properties = by_type;
  in_properties.clear_ecommerce();
  (*in_properties.mutable_properties()->mutable_fields())["order_id"]
      .set_string_value("o-1");
  const DeliverReply reply = Deliver({by_type, in_properties});
  const EventResult& repeat = reply.response.results(1);
  ASSERT_GT(repeat.warnings_size(), 0);
  EXPECT_EQ(repeat.warnings(repeat.warnings_size() - 1).rule(), "repeat");
}

TEST_F(RepeatsTest, TwoEventsOfOneMessageIdAreBothSent) {
  const DeliverReply reply =
      Deliver({LoggedIn("m-1", "u-1"), LoggedIn("m-1", "u-2"),
               With("method", "passkey", LoggedIn("m-1", "u-1"))});
  std::set<std::string> ids;
  for (const EventResult& result : reply.response.results()) {
    EXPECT_EQ(result.reason(), REASON_TAKEN);
    ids.insert(result.source_request_id());
  }
  // Nor does mParticle take one user's batch for another's.
  EXPECT_THAT(ids, SizeIs(2));
}

TEST_F(RepeatsTest, EachOfTheEventsOfOneMessageIdIsKnownAgain) {
  const auto event = LoggedIn("m-1", "u-1");
  const auto longer = With("method", "passkey", event);
  const DeliverReply reply = Deliver({event, longer, event, longer, longer});
  int index = 0;
  for (const int first : {0, 1, 0, 1, 1}) {
    const EventResult& result = reply.response.results(index);
    const bool is_repeat =
        result.warnings_size() > 0 &&
        result.warnings(result.warnings_size() - 1).rule() == "repeat";
    EXPECT_EQ(is_repeat, index != first) << index;
    if (is_repeat) {
      EXPECT_THAT(
          result.warnings(result.warnings_size() - 1).description(),
          HasSubstr(absl::StrCat("repeats event ", first, " of the request")));
    }
    ++index;
  }
}

TEST_F(RepeatsTest, APreviewShowsARepeatOnce) {
  const auto preview = service_.Preview(
      {LoggedIn("m-1", "u-1"), LoggedIn("m-1", "u-1")}, "acme");
  ASSERT_THAT(preview.response.batches(), SizeIs(1));
  EXPECT_THAT(preview.response.batches(0).event_indexes(), SizeIs(1));
  EXPECT_EQ(preview.response.events(1).warnings().rbegin()->rule(), "repeat");
}

TEST_F(RepeatsTest, IntegrationsDoNotKnowOfEachOther) {
  const std::string text = support::IntegrationText(
      mparticle_.name_and_port(), support::TestCertificates::Get().ca_file());
  support::RunningService service({{"acme", text}, {"other", text}});
  const Events events = {LoggedIn("m-1", "u-1")};
  service.Deliver(events, "acme");
  const DeliverReply other = service.Deliver(events, "other");
  EXPECT_EQ(other.response.results(0).reason(), REASON_TAKEN);
}

TEST_F(RepeatsTest, ASettingTurnsItOff) {
  support::RunningService service(
      {{"acme",
        support::IntegrationText(mparticle_.name_and_port(),
                                 support::TestCertificates::Get().ca_file(),
                                 "skip_repeats: false\n")}});
  const Events events = {LoggedIn("m-1", "u-1"), LoggedIn("m-1", "u-1")};
  service.Deliver(events, "acme");
  const DeliverReply again = service.Deliver(events, "acme");
  EXPECT_EQ(again.response.results(0).reason(), REASON_TAKEN);
  EXPECT_THAT(mparticle_.requests(), SizeIs(2));
}

}  // namespace
}  // namespace signal_delivery::server
