// An oracle that cannot fail is worth nothing: each way in which the service
// could lie is told to it here, and has to be noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/torture_driver/ledger.h"
#include "tools/torture_driver/reconciliation.h"

namespace signal_delivery::torture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The event as it has to stand in a batch.
TakenEvent Clean(uint32_t number, const EventFacts& facts) {
  return {
      .message_id = facts.has_message_id ? MessageId(number, facts.kind) : "",
      .number = absl::StrCat(number),
      .checksum = Checksum(number, facts),
      .type = std::string(BatchEventType(facts.kind)),
      .name = BatchEventName(number, facts.kind)};
}

class ReconciliationTest : public testing::Test {
 protected:
  // An event of user 7 that was told that.
  uint32_t Sent(Told told, EventFacts facts = {}) {
    facts.user = 7;
    const uint32_t number = ledger_.Add(facts);
    ledger_.At(number).told = told;
    return number;
  }

  // A batch of these events, as it has to be.
  TakenBatch BatchOf(const std::vector<uint32_t>& numbers) {
    const EventFacts& first = ledger_.At(numbers.front()).facts;
    TakenBatch batch;
    batch.source_request_id = absl::StrCat("id", ++ids_);
    batch.received_at_ms = 1000 * ids_;
    batch.customer_id =
        first.has_user_id || first.identify ? UserId(first) : "";
    batch.other = first.has_anonymous_id ? AnonymousId(first) : "";
    batch.email = first.identify ? Email(*first.identify) : "";
    for (const uint32_t number : numbers) {
      batch.events.push_back(Clean(number, ledger_.At(number).facts));
    }
    return batch;
  }

  Findings Reconcile(const std::vector<TakenBatch>& batches) {
    Reconciliation reconciliation(ledger_);
    for (const TakenBatch& batch : batches) reconciliation.Add(batch);
    return reconciliation.Finish();
  }

  // The lies found, each as often as it was.
  std::vector<Lie> Lies(const std::vector<TakenBatch>& batches) {
    const Findings findings = Reconcile(batches);
    std::vector<Lie> lies;
    for (std::size_t i = 0; i < kLies; ++i) {
      lies.insert(lies.end(), findings.counts[i], static_cast<Lie>(i));
    }
    return lies;
  }

  Ledger ledger_;
  int ids_ = 0;
};

TEST_F(ReconciliationTest, FindsNothingWhereAllIsWell) {
  const uint32_t identify =
      Sent(Told::kAccepted, {.kind = EventKind::kIdentify});
  const std::vector<uint32_t> events = {
      Sent(Told::kAccepted, {.identify = identify}),
      Sent(Told::kAccepted, {.kind = EventKind::kOrder, .identify = identify})};
  Sent(Told::kDropped, {.kind = EventKind::kNotMapped});
  Sent(Told::kRejected, {.kind = EventKind::kInvalid});
  Sent(Told::kRejected, {.kind = EventKind::kPoison});
  const uint32_t anonymous =
      Sent(Told::kAccepted, {.has_user_id = false, .has_message_id = false});
  const TakenBatch batch = BatchOf(events);
  const Findings findings = Reconcile({batch, batch, BatchOf({anonymous})});
  EXPECT_THAT(findings.counts, testing::Each(0));
  EXPECT_THAT(findings.examples, IsEmpty());
  EXPECT_EQ(findings.accepted, 4);
  EXPECT_EQ(findings.dropped, 1);
  EXPECT_EQ(findings.rejected, 2);
  EXPECT_EQ(findings.batches, 2);
  EXPECT_EQ(findings.repeats, 1);
}

TEST_F(ReconciliationTest, AcceptedButNotTaken) {
  const uint32_t taken = Sent(Told::kAccepted);
  Sent(Told::kAccepted);
  EXPECT_THAT(Lies({BatchOf({taken})}), ElementsAre(Lie::kAcceptedNotTaken));
}

TEST_F(ReconciliationTest, AnAcceptedIdentifyThatNoBatchCarries) {
  const uint32_t identify =
      Sent(Told::kAccepted, {.kind = EventKind::kIdentify});
  const uint32_t other = Sent(Told::kAccepted);
  EXPECT_THAT(Lies({BatchOf({other})}), ElementsAre(Lie::kAcceptedNotTaken));
  // One without events carries it as well.
  TakenBatch alone;
  alone.source_request_id = "alone";
  alone.email = Email(identify);
  EXPECT_THAT(Lies({BatchOf({other}), alone}), IsEmpty());
}

TEST_F(ReconciliationTest, TakenButRejectedOrDropped) {
  const uint32_t rejected = Sent(Told::kRejected, {.kind = EventKind::kPoison});
  const uint32_t dropped =
      Sent(Told::kDropped, {.kind = EventKind::kNotMapped});
  EXPECT_THAT(Lies({BatchOf({rejected})}), ElementsAre(Lie::kTakenButRefused));
  TakenBatch batch = BatchOf({dropped});
  EXPECT_THAT(Lies({batch}), ElementsAre(Lie::kTakenButRefused));
}

TEST_F(ReconciliationTest, TakenButToldNotDelivered) {
  const uint32_t number = Sent(Told::kAccepted);
  TakenBatch batch = BatchOf({number});
  batch.received_at_ms = 5000;
  ledger_.At(number).not_delivered_until_ms = 5001;
  EXPECT_THAT(Lies({batch}), ElementsAre(Lie::kTakenButDenied));
  ledger_.At(number).not_delivered_until_ms = 5000;
  EXPECT_THAT(Lies({batch}), IsEmpty()) << "it was taken when sent again";
  ledger_.At(number).not_delivered_until_ms = 5001;
  ledger_.At(number).was_unknown = true;
  EXPECT_THAT(Lies({batch}), IsEmpty()) << "nobody knew";
}

TEST_F(ReconciliationTest, WithoutAFinalStatus) {
  Sent(Told::kNothing);
  const uint32_t taken = Sent(Told::kNothing);
  EXPECT_THAT(Lies({BatchOf({taken})}),
              ElementsAre(Lie::kNoStatus, Lie::kNoStatus));
}

TEST_F(ReconciliationTest, GoodEventsThatAreRefused) {
  Sent(Told::kRejected);
  Sent(Told::kDropped, {.kind = EventKind::kNoConsent});
  EXPECT_THAT(Lies({}), ElementsAre(Lie::kWrongOutcome, Lie::kWrongOutcome));
}

TEST_F(ReconciliationTest, WithoutConsentItIsDroppedWhereConsentIsAskedFor) {
  Sent(Told::kDropped,
       {.kind = EventKind::kNoConsent, .integration = kConsentIntegration});
  EXPECT_THAT(Lies({}), IsEmpty());
}

TEST_F(ReconciliationTest, BadEventsThatAreAcceptedAndTaken) {
  const uint32_t number =
      Sent(Told::kAccepted, {.kind = EventKind::kNotMapped});
  EXPECT_THAT(Lies({BatchOf({number})}), ElementsAre(Lie::kWrongOutcome));
}

TEST_F(ReconciliationTest, GoodEventsThatAreRefusedBesidePoison) {
  Sent(Told::kRejected, {.kind = EventKind::kPoison, .request = 3});
  Sent(Told::kRejected, {.request = 3});
  EXPECT_THAT(Lies({}), ElementsAre(Lie::kWrongOutcome));
}

TEST_F(ReconciliationTest, EveryPartOfAnEventThatIsNotAsItWasSent) {
  const std::vector<std::function<void(TakenBatch&)>> changes = {
      [](TakenBatch& b) { b.events[0].message_id = "evt_9"; },
      [](TakenBatch& b) { b.events[0].message_id.clear(); },
      [](TakenBatch& b) { b.events[0].checksum[0] ^= 1; },
      [](TakenBatch& b) { b.events[0].type = "screen_view"; },
      [](TakenBatch& b) { b.events[0].name = "search"; },
      [](TakenBatch& b) { b.customer_id = "user-0-8"; },
      [](TakenBatch& b) { b.customer_id.clear(); },
      [](TakenBatch& b) { b.other = "device-0-8"; },
      [](TakenBatch& b) { b.email.clear(); },
      [](TakenBatch& b) { b.email = Email(9); },
  };
  const uint32_t identify =
      Sent(Told::kAccepted, {.kind = EventKind::kIdentify});
  const uint32_t number = Sent(Told::kAccepted, {.identify = identify});
  const TakenBatch clean = BatchOf({number});
  TakenBatch carrier;
  carrier.source_request_id = "carrier";
  carrier.email = Email(identify);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    TakenBatch changed = clean;
    changes[i](changed);
    EXPECT_THAT(Lies({carrier, changed}), ElementsAre(Lie::kCorrupted))
        << "change " << i;
  }
}

TEST_F(ReconciliationTest, AnEventThatNobodySent) {
  const uint32_t number = Sent(Told::kAccepted);
  TakenBatch batch = BatchOf({number});
  for (const char* stranger : {"1", "", "x"}) {
    TakenBatch with_stranger = batch;
    with_stranger.events.push_back({.number = stranger});
    EXPECT_THAT(Lies({with_stranger}), ElementsAre(Lie::kCorrupted));
  }
}

TEST_F(ReconciliationTest, OneIdForTwoSetsOfEvents) {
  const uint32_t first = Sent(Told::kAccepted);
  const uint32_t second = Sent(Told::kAccepted);
  TakenBatch one = BatchOf({first});
  TakenBatch other = BatchOf({second});
  other.source_request_id = one.source_request_id;
  EXPECT_THAT(Lies({one, other}),
              ElementsAre(Lie::kAcceptedNotTaken, Lie::kCorrupted))
      << "mParticle drops the second";
}

TEST_F(ReconciliationTest, TakenTwiceUnderTwoIds) {
  const uint32_t number = Sent(Told::kAccepted);
  const uint32_t other = Sent(Told::kAccepted);
  EXPECT_THAT(Lies({BatchOf({number}), BatchOf({number, other})}),
              ElementsAre(Lie::kTakenTwice));
}

TEST_F(ReconciliationTest, TakenOnceForEachCopyAtMost) {
  const uint32_t number = Sent(Told::kAccepted);
  Sent(Told::kAccepted, {.copy_of = number});
  EXPECT_THAT(Lies({BatchOf({number})}), IsEmpty());
  EXPECT_THAT(Lies({BatchOf({number, number})}), IsEmpty());
  EXPECT_THAT(Lies({BatchOf({number, number}), BatchOf({number})}),
              ElementsAre(Lie::kTakenTwice));
}

TEST_F(ReconciliationTest, OutOfItsUsersOrder) {
  const uint32_t first = Sent(Told::kAccepted);
  const uint32_t second = Sent(Told::kAccepted);
  EXPECT_THAT(Lies({BatchOf({first}), BatchOf({second})}), IsEmpty());
  EXPECT_THAT(Lies({BatchOf({second}), BatchOf({first})}),
              ElementsAre(Lie::kOutOfOrder));
  EXPECT_THAT(Lies({BatchOf({second, first})}), ElementsAre(Lie::kOutOfOrder));
}

TEST_F(ReconciliationTest, OrderIsThatOfTheFirstTime) {
  const uint32_t first = Sent(Told::kAccepted);
  const uint32_t second = Sent(Told::kAccepted);
  const TakenBatch batch = BatchOf({first});
  EXPECT_THAT(Lies({batch, BatchOf({second}), batch}), IsEmpty());
}

TEST_F(ReconciliationTest, OnlyEventsThatShareAnIdHaveAnOrder) {
  const uint32_t known = Sent(Told::kAccepted, {.has_anonymous_id = false});
  const uint32_t anonymous = Sent(Told::kAccepted, {.has_user_id = false});
  EXPECT_THAT(Lies({BatchOf({anonymous}), BatchOf({known})}), IsEmpty());
}

TEST_F(ReconciliationTest, NamesTheFirstFewEventsAndCountsAll) {
  for (int i = 0; i < 100; ++i) Sent(Told::kAccepted);
  const Findings findings = Reconcile({});
  EXPECT_EQ(findings.of(Lie::kAcceptedNotTaken), 100);
  EXPECT_EQ(findings.examples.size(), 10u);
  EXPECT_EQ(findings.examples[0], "accepted but not taken: event 0");
}

}  // namespace
}  // namespace signal_delivery::torture
