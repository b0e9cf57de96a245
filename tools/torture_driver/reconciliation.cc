#include "tools/torture_driver/reconciliation.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::torture {
namespace {

constexpr std::size_t kMaxExamples = 10;

std::size_t HashOfEvents(const TakenBatch& batch) {
  std::string numbers;
  for (const TakenEvent& event : batch.events) {
    absl::StrAppend(&numbers, event.number, ",");
  }
  // A batch without events is one identify.
  return std::hash<std::string>()(batch.events.empty() ? batch.email : numbers);
}

}  // namespace

absl::string_view NameOf(Lie lie) {
  switch (lie) {
    case Lie::kAcceptedNotTaken:
      return "accepted but not taken";
    case Lie::kTakenButRefused:
      return "taken but told REJECTED or DROPPED";
    case Lie::kTakenButDenied:
      return "taken but told NOT_DELIVERED";
    case Lie::kNoStatus:
      return "without a final status";
    case Lie::kWrongOutcome:
      return "refused without a cause";
    case Lie::kCorrupted:
      return "corrupted";
    case Lie::kTakenTwice:
      return "taken twice, repeats removed";
    case Lie::kOutOfOrder:
      return "out of its user's order";
  }
  return "";
}

Reconciliation::Reconciliation(const Ledger& ledger)
    : ledger_(ledger),
      taken_(ledger.entries().size()),
      identify_taken_(ledger.entries().size()) {}

void Reconciliation::Report(Lie lie, const std::string& what) {
  ++findings_.counts[static_cast<std::size_t>(lie)];
  if (findings_.examples.size() < kMaxExamples) {
    findings_.examples.push_back(absl::StrCat(NameOf(lie), ": ", what));
  }
}

void Reconciliation::Add(const TakenBatch& batch) {
  const std::size_t hash = HashOfEvents(batch);
  const auto [known, is_new] =
      events_of_id_.try_emplace(batch.source_request_id, hash);
  if (!is_new) {
    ++findings_.repeats;
    // mParticle drops it unseen.
    if (known->second != hash) {
      Report(Lie::kCorrupted,
             absl::StrCat("source_request_id ", batch.source_request_id,
                          " stands for two sets of events"));
    }
    return;
  }
  ++findings_.batches;
  // "identify-N@example.com"
  const std::size_t digits = batch.email.find('-') + 1;
  uint32_t identify = 0;
  if (digits != 0 &&
      absl::SimpleAtoi(
          batch.email.substr(digits, batch.email.find('@') - digits),
          &identify) &&
      identify < identify_taken_.size()) {
    identify_taken_[identify] = true;
  }
  for (const TakenEvent& event : batch.events) AddEvent(batch, event);
}

void Reconciliation::AddEvent(const TakenBatch& batch,
                              const TakenEvent& event) {
  ++position_;
  uint32_t number = 0;
  if (!absl::SimpleAtoi(event.number, &number) || number >= taken_.size()) {
    return Report(Lie::kCorrupted,
                  absl::StrCat("an event that nobody sent, in batch ",
                               batch.source_request_id));
  }
  const std::string difference = Difference(batch, event, number);
  if (!difference.empty()) {
    Report(Lie::kCorrupted,
           absl::StrCat("event ", number, ": ", difference, ", in batch ",
                        batch.source_request_id));
  }
  Taken& taken = taken_[number];
  if (taken.times++ > 0) return;
  taken.position = position_;
  taken.received_at_ms = batch.received_at_ms;
}

std::string Reconciliation::Difference(const TakenBatch& batch,
                                       const TakenEvent& event,
                                       uint32_t number) const {
  const EventFacts& facts = ledger_.entries()[number].facts;
  if (event.message_id !=
      (facts.has_message_id ? MessageId(number, facts.kind) : "")) {
    return "another source_message_id";
  }
  if (event.checksum != Checksum(number, facts)) return "another checksum";
  if (event.type != BatchEventType(facts.kind)) return "another event_type";
  if (event.name != BatchEventName(number, facts.kind)) return "another name";
  // Somebody without a user_id is known by what an identify told before.
  const bool is_known = facts.has_user_id || facts.identify.has_value();
  if (batch.customer_id != (is_known ? UserId(facts) : "")) {
    return "another customer_id";
  }
  if (batch.other != (facts.has_anonymous_id ? AnonymousId(facts) : "")) {
    return "another user_identities.other";
  }
  if (batch.email != (facts.identify ? Email(*facts.identify) : "")) {
    return "another email than its identify's";
  }
  return "";
}

Findings Reconciliation::Finish() {
  for (uint32_t number = 0; number < taken_.size(); ++number) {
    CheckTold(number);
  }
  CheckTimesTaken();
  CheckOrder();
  return findings_;
}

void Reconciliation::CheckTold(uint32_t number) {
  const LedgerEntry& entry = ledger_.entries()[number];
  const EventFacts& facts = entry.facts;
  const std::string name = absl::StrCat("event ", number);
  switch (entry.told) {
    case Told::kNothing:
      return Report(Lie::kNoStatus, name);
    case Told::kAccepted:
      ++findings_.accepted;
      break;
    case Told::kDropped:
      ++findings_.dropped;
      break;
    case Told::kRejected:
      ++findings_.rejected;
      break;
  }
  if (facts.kind == EventKind::kIdentify) return CheckIdentify(number);

  const Taken& taken = taken_[facts.copy_of.value_or(number)];
  const bool is_taken = taken.times > 0;
  if (entry.told == Told::kAccepted) {
    if (!is_taken) Report(Lie::kAcceptedNotTaken, name);
    if (!IsGood(facts)) Report(Lie::kWrongOutcome, name + " was accepted");
  } else {
    if (is_taken) Report(Lie::kTakenButRefused, name);
    if (IsGood(facts)) Report(Lie::kWrongOutcome, name + " is good");
  }
  if (is_taken && !entry.was_unknown && !facts.copy_of.has_value() &&
      taken.received_at_ms < entry.not_delivered_until_ms) {
    Report(Lie::kTakenButDenied, name);
  }
}

// What an identify tells is in the batches of its user's events; of those, some
// may have been refused. So only its acceptance says something.
void Reconciliation::CheckIdentify(uint32_t number) {
  const LedgerEntry& entry = ledger_.entries()[number];
  if (entry.told == Told::kAccepted && !identify_taken_[number]) {
    Report(Lie::kAcceptedNotTaken, absl::StrCat("identify ", number));
  }
}

void Reconciliation::CheckTimesTaken() {
  std::vector<int32_t> sent(taken_.size(), 0);
  for (uint32_t number = 0; number < taken_.size(); ++number) {
    ++sent[ledger_.entries()[number].facts.copy_of.value_or(number)];
  }
  for (uint32_t number = 0; number < taken_.size(); ++number) {
    if (taken_[number].times <= std::max(sent[number], 1)) continue;
    Report(Lie::kTakenTwice, absl::StrCat("event ", number));
  }
}

// By each id that events have in common: the service promises order for these.
void Reconciliation::CheckOrder() {
  std::unordered_map<std::string, int64_t> latest;
  for (uint32_t number = 0; number < taken_.size(); ++number) {
    const LedgerEntry& entry = ledger_.entries()[number];
    const EventFacts& facts = entry.facts;
    const int64_t position = taken_[number].position;
    if (entry.told != Told::kAccepted || facts.copy_of.has_value() ||
        position < 0) {
      continue;
    }
    bool in_order = true;
    const auto check = [&](const std::string& id) {
      int64_t& last = latest[id];
      in_order = in_order && position > last;
      last = std::max(last, position);
    };
    if (facts.has_user_id) check(UserId(facts));
    if (facts.has_anonymous_id) check(AnonymousId(facts));
    if (!in_order) {
      Report(Lie::kOutOfOrder,
             absl::StrCat("event ", number, " came after a later one"));
    }
  }
}

}  // namespace signal_delivery::torture
