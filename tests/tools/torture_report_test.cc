// What makes a run pass or fail, beside the reconciliation; and what the
// record and the fault scripts are read and written as.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/sandbox/faults.h"
#include "tools/torture_driver/call_log.h"
#include "tools/torture_driver/fault_mix.h"
#include "tools/torture_driver/record_reader.h"
#include "tools/torture_driver/report.h"

namespace signal_delivery::torture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Outcome GoodOutcome() {
  Outcome outcome;
  outcome.findings.accepted = 100;
  outcome.findings.batches = 20;
  outcome.calls.batches_asked = 20;
  outcome.record.requests = 24;
  for (int kind = 0; kind < 15; ++kind) {
    outcome.record.faults[absl::StrCat("fault ", kind)] = 1;
  }
  outcome.recovery = absl::Seconds(10);
  return outcome;
}

TEST(TortureReportTest, PassesWhereAllHolds) {
  const Report report = MakeReport(GoodOutcome());
  EXPECT_TRUE(report.passed) << report.text;
  EXPECT_THAT(report.text,
              HasSubstr("\nPASS the conservation oracle: 100 events"));
}

TEST(TortureReportTest, FailsForEveryThingThatDoesNotHold) {
  std::vector<std::function<void(Outcome&)>> changes = {
      [](Outcome& o) { o.calls.bad_answers["x"] = 1; },
      [](Outcome& o) { o.bad_ends.push_back("replica 1 ended by signal 11"); },
      [](Outcome& o) { o.record.requests = 25; },
      [](Outcome& o) { o.broken_without_cause["x"] = 1; },
      [](Outcome& o) { o.record.faults["fault 0"] = 0; },
      [](Outcome& o) { o.recovery = absl::Milliseconds(10'001); },
      [](Outcome& o) { o.errors_in_calm = 1; },
      [](Outcome& o) { o.findings.batches = 0; },
      [](Outcome& o) { o.findings.accepted = 0; },
  };
  for (std::size_t lie = 0; lie < kLies; ++lie) {
    changes.push_back([lie](Outcome& o) { o.findings.counts[lie] = 1; });
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Outcome outcome = GoodOutcome();
    changes[i](outcome);
    const Report report = MakeReport(outcome);
    EXPECT_FALSE(report.passed) << "change " << i << "\n" << report.text;
    EXPECT_THAT(report.text, HasSubstr("FAILED"));
    EXPECT_THAT(report.text, HasSubstr("\nFAIL the conservation oracle"));
  }
}

TEST(TortureReportTest, AsMarkdownSaysHowToRunItAndCountsTheSame) {
  Outcome outcome = GoodOutcome();
  outcome.command = "tools/torture --seconds=60 --seed=7";
  outcome.actions["kill -9 of a replica"] = 1234;
  const Report report = MakeReport(outcome);
  EXPECT_THAT(report.markdown, HasSubstr("`tools/torture --seconds=60 "
                                         "--seed=7`"));
  EXPECT_THAT(report.markdown, HasSubstr("| kill -9 of a replica | 1,234 |"));
  EXPECT_THAT(report.markdown, HasSubstr("| taken twice, repeats removed | 0 | "
                                         "ok |"));
  EXPECT_THAT(report.markdown, HasSubstr("PASS the conservation oracle: 100 "
                                         "events, 1,249 faults of 16 kinds"));
}

TEST(TortureReportTest, ABatchThatIsHalvedIsDueMoreOften) {
  Outcome outcome = GoodOutcome();
  outcome.record.requests = 30;
  outcome.record.refused_together = 5;
  EXPECT_TRUE(MakeReport(outcome).passed);
}

class CallLogTest : public testing::Test {
 protected:
  static absl::Time At(int seconds) {
    return absl::UnixEpoch() + absl::Seconds(seconds);
  }

  CallLog log_;
  const std::vector<Calm> calms_ = {
      {.start = At(0), .end = At(5), .after_faults = false},
      {.start = At(100), .end = At(120), .after_faults = true}};
};

TEST_F(CallLogTest, RecoveryLastsUntilTheLastErrorOfACalm) {
  log_.AddFailure(At(50), At(60), "UNAVAILABLE");
  EXPECT_EQ(log_.LongestRecovery(calms_), absl::ZeroDuration());
  log_.AddFailure(At(99), At(119), "UNAVAILABLE");
  EXPECT_EQ(log_.LongestRecovery(calms_), absl::ZeroDuration())
      << "it began among the faults";
  log_.AddAnswer(At(101), At(104), 1, {}, {"REASON_PACED"});
  log_.AddAnswer(At(110), At(111), 1, {}, {});
  EXPECT_EQ(log_.LongestRecovery(calms_), absl::Seconds(4));
}

TEST_F(CallLogTest, ErrorsAreNotForgivenAfterRecoveryNorBeforeAnyFault) {
  const absl::Duration recovery = absl::Seconds(10);
  log_.AddFailure(At(105), At(106), "UNAVAILABLE");
  log_.AddFailure(At(50), At(51), "UNAVAILABLE");
  EXPECT_EQ(log_.ErrorsInCalm(calms_, recovery), 0);
  log_.AddFailure(At(110), At(111), "UNAVAILABLE");
  EXPECT_EQ(log_.ErrorsInCalm(calms_, recovery), 1);
  log_.AddAnswer(At(1), At(2), 1, {}, {"REASON_PACED"});
  EXPECT_EQ(log_.ErrorsInCalm(calms_, recovery), 2);
}

TEST_F(CallLogTest, ABrokenCallNeedsAnOutageOfItsOwnReplica) {
  const std::vector<Outage> outages = {
      {.replica = 1, .start = At(20), .end = At(25)}};
  const auto broken = [&] {
    return log_.BrokenWithoutCause(outages, absl::Seconds(2));
  };
  log_.AddBrokenCall(At(10), At(20), 1, "ended in it");
  log_.AddBrokenCall(At(22), At(23), 1, "within");
  log_.AddBrokenCall(At(27), At(28), 1, "clients come back");
  EXPECT_THAT(broken(), IsEmpty());
  log_.AddBrokenCall(At(22), At(23), 0, "another replica");
  log_.AddBrokenCall(At(10), At(19), 1, "before");
  log_.AddBrokenCall(At(28), At(29), 1, "long after");
  EXPECT_THAT(broken(), ElementsAre(Pair("another replica", 1),
                                    Pair("before", 1), Pair("long after", 1)));
}

class RecordReaderTest : public testing::Test {
 protected:
  void Read(const std::string& line) {
    ReadRecordLine(
        line, [this](const TakenBatch& batch) { taken_.push_back(batch); },
        totals_);
  }

  std::vector<TakenBatch> taken_;
  RecordTotals totals_;
};

TEST_F(RecordReaderTest, ReadsABatchThatWasTaken) {
  Read(R"({"received_at":"1970-01-01T00:00:01.500Z","path":"/v2/events",
    "status":null,"taken":true,"fault":"stall","problems":[],
    "source_request_id":"r1","body":{"user_identities":{"customer_id":"c",
    "email":"e","other":"o"},"events":[
      {"event_type":"custom_event","data":{"event_name":"login",
       "source_message_id":"evt_3",
       "custom_attributes":{"number":"3","checksum":"abc"}}},
      {"event_type":"commerce_event","data":{
       "product_action":{"action":"purchase"}}}]}})");
  ASSERT_EQ(taken_.size(), 1u);
  EXPECT_EQ(taken_[0].source_request_id, "r1");
  EXPECT_EQ(taken_[0].received_at_ms, 1500);
  EXPECT_EQ(taken_[0].customer_id, "c");
  EXPECT_EQ(taken_[0].email, "e");
  EXPECT_EQ(taken_[0].other, "o");
  ASSERT_EQ(taken_[0].events.size(), 2u);
  EXPECT_EQ(taken_[0].events[0].message_id, "evt_3");
  EXPECT_EQ(taken_[0].events[0].number, "3");
  EXPECT_EQ(taken_[0].events[0].checksum, "abc");
  EXPECT_EQ(taken_[0].events[0].type, "custom_event");
  EXPECT_EQ(taken_[0].events[0].name, "login");
  EXPECT_EQ(taken_[0].events[1].name, "purchase");
  EXPECT_EQ(totals_.requests, 1);
  EXPECT_EQ(totals_.faults.at("stall, taken"), 1);
}

TEST_F(RecordReaderTest, CountsWhatWasNotTaken) {
  Read(R"({"status":null,"taken":false,"fault":"bad_tls","problems":[]})");
  Read(R"({"path":"/v2/events","status":503,"taken":false,"fault":"answer",
           "problems":[],"body":{}})");
  Read(R"({"path":"/v2/events","status":400,"taken":false,
           "problems":["$.events[0].data.source_message_id: poison"],
           "body":{"events":[{},{}]}})");
  Read(R"({"path":"/v2/events","status":200,"taken":true,"source_requ)");
  EXPECT_TRUE(taken_.empty());
  EXPECT_EQ(totals_.requests, 2);
  EXPECT_EQ(totals_.refused_together, 1);
  EXPECT_EQ(totals_.unfinished_lines, 1);
  EXPECT_EQ(totals_.faults.at("bad_tls"), 1);
  EXPECT_EQ(totals_.faults.at("status 503"), 1);
  EXPECT_EQ(totals_.faults.at("poison, status 400"), 1);
}

TEST(FaultMixTest, EveryScriptIsOneThatTheSandboxTakes) {
  std::mt19937_64 random(1);
  std::set<std::string> kinds;
  for (int i = 0; i < 500; ++i) {
    const std::string script = RandomFaultScript(random);
    const auto faults = sandbox::FaultScript::Parse(script);
    ASSERT_TRUE(faults.ok()) << faults.status() << "\n" << script;
    for (const sandbox::Fault& fault : *faults) {
      const int status = fault.answer ? fault.answer->status : 0;
      kinds.insert(fault.name + std::to_string(status));
      EXPECT_NE(status, 400) << "a refusal must be for what a batch is";
      EXPECT_NE(status, 413);
      // Of what these say was not taken, nothing may be.
      if ((status >= 300 && status < 500) || status == 503) {
        EXPECT_FALSE(fault.take) << status;
      }
    }
  }
  EXPECT_GE(kinds.size(), 30u);
}

TEST(FaultMixTest, FollowsFromItsSeed) {
  std::mt19937_64 one(7), same(7), other(8);
  const std::string script = RandomFaultScript(one);
  EXPECT_EQ(script, RandomFaultScript(same));
  EXPECT_NE(script, RandomFaultScript(other));
}

}  // namespace
}  // namespace signal_delivery::torture
