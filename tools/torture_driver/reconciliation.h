#ifndef TOOLS_TORTURE_DRIVER_RECONCILIATION_H_
#define TOOLS_TORTURE_DRIVER_RECONCILIATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/torture_driver/ledger.h"

namespace signal_delivery::torture {

// One event of a batch that the sandbox took, as it stood there.
struct TakenEvent {
  std::string message_id;  // empty where it has none
  std::string number;      // the property that every event has
  std::string checksum;    // likewise
  std::string type;
  std::string name;
};

struct TakenBatch {
  std::string source_request_id;
  int64_t received_at_ms = 0;
  std::string customer_id;  // these three are empty where there is none
  std::string other;
  std::string email;
  std::vector<TakenEvent> events;
};

// The ways in which what callers were told and what was taken can disagree.
enum class Lie {
  kAcceptedNotTaken,
  kTakenButRefused,  // told REJECTED or DROPPED
  kTakenButDenied,   // told NOT_DELIVERED
  kNoStatus,
  kWrongOutcome,  // a good event refused, or a bad one taken
  kCorrupted,
  kTakenTwice,
  kOutOfOrder,
};
inline constexpr std::size_t kLies = 8;
absl::string_view NameOf(Lie lie);

struct Findings {
  std::array<int64_t, kLies> counts{};
  // The first few, for a person.
  std::vector<std::string> examples;

  int64_t accepted = 0;
  int64_t dropped = 0;
  int64_t rejected = 0;
  int64_t batches = 0;  // taken, each source_request_id once
  int64_t repeats = 0;  // taken under an id that was taken before

  int64_t of(Lie lie) const { return counts[static_cast<std::size_t>(lie)]; }
};

// Holds what the callers were told, event by event, against what was taken.
// Pure: it knows no network and no clock. Not thread-safe. Borrows the ledger,
// which must not change any more.
class Reconciliation {
 public:
  explicit Reconciliation(const Ledger& ledger);

  // Every batch of the record that was taken, repeats included, in its order.
  void Add(const TakenBatch& batch);

  // Once, at the end.
  Findings Finish();

 private:
  struct Taken {
    int32_t times = 0;
    int64_t position = -1;  // of the first time
    int64_t received_at_ms = 0;
  };

  void Report(Lie lie, const std::string& what);
  void AddEvent(const TakenBatch& batch, const TakenEvent& event);
  // What is wrong with the event as it was taken; empty if nothing is.
  std::string Difference(const TakenBatch& batch, const TakenEvent& event,
                         uint32_t number) const;
  void CheckTold(uint32_t number);
  void CheckIdentify(uint32_t number);
  void CheckTimesTaken();
  void CheckOrder();

  const Ledger& ledger_;
  Findings findings_;
  std::vector<Taken> taken_;  // by event number
  std::vector<bool> identify_taken_;
  // The events of each source_request_id, as a hash.
  std::unordered_map<std::string, std::size_t> events_of_id_;
  int64_t position_ = 0;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_RECONCILIATION_H_
