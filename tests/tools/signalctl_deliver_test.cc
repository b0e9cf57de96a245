#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "tests/tools/signalctl_fixture.h"
#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kOneEvent[] =
    R"({"type": "track", "event": "Order Completed", "messageId": "evt_1"})";

class DeliverTest : public SignalctlTest {
 protected:
  void Answer(const std::string& textproto) {
    service.AnswerDeliver(Textproto<DeliverEventsResponse>(textproto));
  }

  // The exit code where one event has each of these outcomes.
  int ExitCodeOf(const std::vector<std::string>& outcomes) {
    std::string events, results;
    for (const std::string& outcome : outcomes) {
      events += "{}\n";
      results += "results { outcome: OUTCOME_" + outcome + " }\n";
    }
    Answer(results);
    return RunOn(events, {"deliver"});
  }
};

TEST_F(DeliverTest, EventsOfStandardInputReachTheServiceInOrder) {
  Answer(
      "results { outcome: OUTCOME_ACCEPTED } results { outcome: "
      "OUTCOME_ACCEPTED }");
  EXPECT_EQ(
      RunOn("{\"userId\": \"a\"}\n{\"userId\": \"b\"}\n", {"deliver", "-"}),
      kExitOk);
  const auto request = service.last_deliver();
  EXPECT_EQ(request.integration_id(), "acme");
  ASSERT_EQ(request.events_size(), 2);
  EXPECT_EQ(request.events(0).user_id(), "a");
  EXPECT_EQ(request.events(1).user_id(), "b");
}

TEST_F(DeliverTest, EachOutcomeHasItsExitCode) {
  EXPECT_EQ(ExitCodeOf({"ACCEPTED"}), 0);
  EXPECT_EQ(ExitCodeOf({"DROPPED"}), 3);
  EXPECT_EQ(ExitCodeOf({"REJECTED"}), 4);
  EXPECT_EQ(ExitCodeOf({"NOT_DELIVERED"}), 5);
  EXPECT_EQ(ExitCodeOf({"UNKNOWN"}), 5);
  EXPECT_EQ(ExitCodeOf({"UNSPECIFIED"}), 5);
}

TEST_F(DeliverTest, OfSeveralOutcomesTheHighestExitCodeWins) {
  EXPECT_EQ(ExitCodeOf({"ACCEPTED", "DROPPED", "ACCEPTED"}), 3);
  EXPECT_EQ(ExitCodeOf({"REJECTED", "DROPPED"}), 4);
  EXPECT_EQ(ExitCodeOf({"UNKNOWN", "REJECTED", "ACCEPTED"}), 5);
}

TEST_F(DeliverTest, TheTableShowsARowPerEventWithItsNotesBelow) {
  Answer(R"pb(
    results {
      message_id: "evt_1"
      outcome: OUTCOME_ACCEPTED
      reason: REASON_TAKEN
      http_status: 202
      attempts: 1
      source_request_id: "0123456789abcdef"
      warnings {
        signal_path: "context.ip"
        mparticle_path: "ip"
        description: "not an address; left out"
      }
    }
    results {
      message_id: "evt_é"
      outcome: OUTCOME_REJECTED
      reason: REASON_INVALID_EVENT
      detail: "The event breaks a rule."
      hint: "Correct it."
      violations { signal_path: "event" description: "must be set" }
    }
    results {
      outcome: OUTCOME_NOT_DELIVERED
      reason: REASON_RATE_LIMITED
      http_status: 429
      attempts: 2
      retry_after { seconds: 1 nanos: 500000000 }
    }
  )pb");
  const std::string events =
      std::string(kOneEvent) +
      R"({"type": "page", "name": "Cart"} {"type": "identify"})";
  EXPECT_EQ(RunOn(events, {"deliver"}), kExitNotDelivered);
  EXPECT_EQ(out,
            "#  MESSAGE_ID  EVENT            OUTCOME        REASON         "
            "HTTP  TRIES  "
            "SOURCE_REQUEST_ID\n"
            "0  evt_1       Order Completed  ACCEPTED       TAKEN          202 "
            "  1      "
            "0123456789ab…\n"
            "     warning: context.ip -> ip: not an address; left out\n"
            "1  evt_é       page Cart        REJECTED       INVALID_EVENT  -   "
            "  -      "
            "-\n"
            "     detail: The event breaks a rule.\n"
            "     hint: Correct it.\n"
            "     violation: event: must be set\n"
            "2  -           identify         NOT_DELIVERED  RATE_LIMITED   429 "
            "  2      "
            "-\n"
            "     send again after 1.5s\n"
            "\n"
            "3 events: 1 accepted, 1 not delivered, 1 rejected\n");
  EXPECT_THAT(err, IsEmpty());
}

TEST_F(DeliverTest, OnlyAScreenGetsColour) {
  Answer("results { outcome: OUTCOME_REJECTED }");
  RunOn(kOneEvent, {"deliver"});
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  color = true;
  RunOn(kOneEvent, {"deliver"});
  EXPECT_THAT(out, HasSubstr("\x1b[31mREJECTED\x1b[0m"));
}

TEST_F(DeliverTest, WhatComesFromOutsideCannotSteerTheTerminal) {
  Answer(R"pb(results {
                outcome: OUTCOME_ACCEPTED
                message_id: "a\033[2J\302\233b"
                detail: "x\ny"
              })pb");
  RunOn(R"({"type": "track", "event": "\u001b[31mred"})", {"deliver"});
  EXPECT_THAT(out, HasSubstr("a?[2J?b"));
  EXPECT_THAT(out, HasSubstr("?[31mred"));
  EXPECT_THAT(out, HasSubstr("detail: x?y"));
}

TEST_F(DeliverTest, AnOutcomeOfANewerServiceIsShownByItsNumber) {
  DeliverEventsResponse response;
  response.add_results()->set_outcome(
      static_cast<datafly::delivery::v1::Outcome>(77));
  service.AnswerDeliver(response);
  EXPECT_EQ(RunOn(kOneEvent, {"deliver"}), kExitNotDelivered);
  EXPECT_THAT(out, HasSubstr("1 event: 1 77"));
}

TEST_F(DeliverTest, JsonHasEveryFieldUnderItsOwnName) {
  Answer(R"pb(results {
                message_id: "evt_1"
                outcome: OUTCOME_ACCEPTED
                reason: REASON_TAKEN
                retry_after { seconds: 2 }
              })pb");
  EXPECT_EQ(RunOn(kOneEvent, {"deliver", "--output=json"}), kExitOk);
  EXPECT_EQ(nlohmann::json::parse(out), nlohmann::json::parse(R"({"results": [{
    "message_id": "evt_1", "outcome": "OUTCOME_ACCEPTED",
    "reason": "REASON_TAKEN", "detail": "", "hint": "", "violations": [],
    "warnings": [], "http_status": 0, "attempts": 0, "source_request_id": "",
    "retry_after": "2s"}]})"));
}

TEST_F(DeliverTest, TheExitCodeIsTheSameWithJson) {
  Answer("results { outcome: OUTCOME_REJECTED }");
  EXPECT_EQ(RunOn(kOneEvent, {"deliver", "--output=json"}), kExitRejected);
}

// ---- calls that fail --------------------------------------------------------

TEST_F(DeliverTest, AFailedCallSaysCodeAndMessage) {
  service.FailWith({grpc::StatusCode::NOT_FOUND, "no integration \"acme\""});
  EXPECT_EQ(RunOn(kOneEvent, {"deliver", "--output=json"}), kExitCallFailed);
  EXPECT_EQ(err, "signalctl: the call to " + service.address() +
                     " failed: NOT_FOUND: no integration \"acme\"\n");
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(DeliverTest, ACallWithoutAnswerEndsAfterTheTimeout) {
  service.NeverAnswer();
  EXPECT_EQ(RunOn(kOneEvent, {"deliver", "--timeout=100ms"}), kExitCallFailed);
  EXPECT_THAT(err, HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_THAT(err, HasSubstr("longer --timeout than 100ms"));
}

TEST_F(DeliverTest, ResultsThatDoNotMatchTheEventsAreNotTrusted) {
  Answer("results { outcome: OUTCOME_ACCEPTED }");
  EXPECT_EQ(RunOn("{} {}", {"deliver"}), kExitCallFailed);
  EXPECT_THAT(err, HasSubstr("1 results for 2 events"));
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(DeliverTest, AResponseOfManyMegabytesIsTaken) {
  DeliverEventsResponse response;
  response.add_results()->set_detail(std::string(20 << 20, 'x'));
  response.mutable_results(0)->set_outcome(
      datafly::delivery::v1::OUTCOME_ACCEPTED);
  service.AnswerDeliver(response);
  EXPECT_EQ(RunOn(kOneEvent, {"deliver"}), kExitOk) << err;
}

}  // namespace
}  // namespace signal_delivery::cli
