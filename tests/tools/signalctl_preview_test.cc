#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "tests/tools/signalctl_fixture.h"
#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::PreviewEventsResponse;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PreviewTest : public SignalctlTest {
 protected:
  void Answer(const std::string& textproto) {
    service.AnswerPreview(Textproto<PreviewEventsResponse>(textproto));
  }
};

TEST_F(PreviewTest, SaysOfEachFieldWhereItComesFrom) {
  Answer(R"pb(
    batches {
      body: "{}"
      event_indexes: [ 0 ]
    }
    events {
      batch_indexes: [ 0 ]
      fields {
        signal_path: "properties.currency"
        mparticle_path: "data.currency_code"
        made_by: "acme.yaml:12:9"
        description: "currency"
      }
      fields {
        mparticle_path: "data.custom_event_type"
        made_by: "preset:default:41:9"
        description: "a fixed value"
      }
      fields {
        signal_path: "traits.shoe_size"
        description: "no mapping takes it"
        left_out: true
      }
    }
  )pb");
  const std::string event =
      R"({"type": "track", "event": "A", "userId": "u", "messageId": "m"})";
  EXPECT_EQ(RunOn(event, {"preview"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("     data.currency_code <- properties.currency  "
                             "[currency; acme.yaml:12:9]\n"));
  EXPECT_THAT(out, HasSubstr("     data.custom_event_type  "
                             "[a fixed value; preset:default:41:9]\n"));
  EXPECT_THAT(out, HasSubstr("     left out: traits.shoe_size  "
                             "[no mapping takes it]\n"));

  EXPECT_EQ(RunOn(event, {"preview", "--brief"}), kExitOk);
  EXPECT_THAT(out, Not(HasSubstr("data.currency_code")));
}

TEST_F(PreviewTest, ShowsEachBatchWithItsEventsAndTheEventsThatAreNotSent) {
  Answer(R"pb(
    batches {
      body: "{\"z\":129.99,\"events\":[{\"a\":true}]}"
      source_request_id: "0123456789abcdef"
      event_indexes: [ 2 ]
    }
    events { batch_indexes: [ 0 ] }
    events {
      message_id: "evt_1"
      outcome: OUTCOME_DROPPED
      reason: REASON_NOT_MAPPED
      hint: "Map it."
    }
    events {
      message_id: "evt_2"
      batch_indexes: [ 0 ]
      warnings { signal_path: "context.ip" description: "left out" }
    }
  )pb");
  EXPECT_EQ(RunOn(R"([{"type": "identify"},
                      {"type": "track", "event": "Other", "messageId": "evt_1"},
                      {"type": "track", "event": "Signed Up",
                       "messageId": "evt_2"}])",
                  {"preview"}),
            kExitDropped);
  EXPECT_EQ(out,
            "Batch 0: 34 bytes, source_request_id 0123456789abcdef\n"
            "  2  evt_2  Signed Up\n"
            "     warning: context.ip: left out\n"
            "  0  identify (its traits)\n"
            "{\n"
            "  \"z\": 129.99,\n"
            "  \"events\": [\n"
            "    {\n"
            "      \"a\": true\n"
            "    }\n"
            "  ]\n"
            "}\n"
            "\n"
            "Not sent:\n"
            "  1  evt_1  Other  DROPPED NOT_MAPPED\n"
            "     hint: Map it.\n"
            "\n"
            "3 events: 1 dropped, 2 would be sent; 1 batch\n");
  EXPECT_THAT(err, IsEmpty());
  EXPECT_EQ(service.last_preview().integration_id(), "acme");
  EXPECT_EQ(service.last_preview().events_size(), 3);
}

TEST_F(PreviewTest, ExitsZeroWhereEveryEventWouldBeSent) {
  Answer("batches { body: '{}' event_indexes: 0 } events { batch_indexes: 0 }");
  EXPECT_EQ(RunOn("{}", {"preview"}), kExitOk);
  EXPECT_THAT(out, Not(HasSubstr("Not sent")));
}

TEST_F(PreviewTest, ExitsWithTheWorstOfTheEventsThatAreNotSent) {
  Answer(R"pb(
    events { outcome: OUTCOME_REJECTED reason: REASON_INVALID_EVENT }
    events { outcome: OUTCOME_DROPPED reason: REASON_NOT_MAPPED }
  )pb");
  EXPECT_EQ(RunOn("{} {}", {"preview"}), kExitRejected);
  EXPECT_THAT(out, HasSubstr("2 events: 1 dropped, 1 rejected; 0 batches\n"));
}

TEST_F(PreviewTest, ABodyThatIsNoJsonIsShownAsItIs) {
  Answer(R"pb(batches { body: "{\033" }
              events {})pb");
  EXPECT_EQ(RunOn("{}", {"preview"}), kExitOk);
  EXPECT_THAT(out, HasSubstr("\n{?\n"));
}

TEST_F(PreviewTest, ABatchIndexThatDoesNotExistIsSkipped) {
  Answer("batches { body: '{}' event_indexes: [ -1, 5 ] } events {}");
  EXPECT_EQ(RunOn("{}", {"preview"}), kExitOk);
}

TEST_F(PreviewTest, JsonKeepsTheBodyByteForByte) {
  Answer(R"pb(batches {
                body: "{ \"a\": 1.0}"
                event_indexes: [ 0 ]
              }
              events { batch_indexes: [ 0 ] })pb");
  EXPECT_EQ(RunOn("{}", {"preview", "--output=json"}), kExitOk);
  const auto json = nlohmann::json::parse(out);
  EXPECT_EQ(json["batches"][0]["body"], R"({ "a": 1.0})");
  EXPECT_EQ(json["batches"][0]["event_indexes"], nlohmann::json({0}));
  EXPECT_EQ(json["events"][0]["outcome"], "OUTCOME_UNSPECIFIED");
}

TEST_F(PreviewTest, VerdictsThatDoNotMatchTheEventsAreNotTrusted) {
  EXPECT_EQ(RunOn("{}", {"preview"}), kExitCallFailed);
  EXPECT_THAT(err, HasSubstr("0 verdicts for 1 events"));
}

TEST_F(PreviewTest, AFailedCallSaysCodeAndMessage) {
  service.FailWith({grpc::StatusCode::INVALID_ARGUMENT, "too many"});
  EXPECT_EQ(RunOn("{}", {"preview"}), kExitCallFailed);
  EXPECT_THAT(err, HasSubstr("INVALID_ARGUMENT: too many"));
}

}  // namespace
}  // namespace signal_delivery::cli
