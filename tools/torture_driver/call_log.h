#ifndef TOOLS_TORTURE_DRIVER_CALL_LOG_H_
#define TOOLS_TORTURE_DRIVER_CALL_LOG_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace signal_delivery::torture {

// A time without faults, at the beginning or after some.
struct Calm {
  absl::Time start;
  absl::Time end = absl::InfiniteFuture();
  bool after_faults = true;
};

// A time in which a replica was killed, or told to end, and had not started
// again.
struct Outage {
  int replica = 0;
  absl::Time start;
  absl::Time end = absl::InfiniteFuture();
};

// What callers saw of the service, beside the fate of events. Thread-safe.
class CallLog {
 public:
  struct Totals {
    int64_t calls = 0;
    int64_t failed_calls = 0;
    int64_t streamed = 0;  // of the calls: requests of streams
    // Batches that callers asked for, each time they did: as many posts are
    // due.
    int64_t batches_asked = 0;
    std::map<std::string, int64_t> outcomes;  // of events, each time
    // Answers that the schema does not have, each with a word on why.
    std::map<std::string, int64_t> bad_answers;
  };

  // `errors`: the reasons of what is to be sent again.
  void AddAnswer(absl::Time start, absl::Time end, int64_t batches,
                 const std::map<std::string, int64_t>& outcomes,
                 const std::set<std::string>& errors);
  // A call that goes by stream; what becomes of it is added, too.
  void AddStreamed();
  void AddFailure(absl::Time start, absl::Time end, const std::string& code);
  // A call to that replica that its end may have broken, and nothing else may.
  void AddBrokenCall(absl::Time start, absl::Time end, int replica,
                     const std::string& what);
  void AddBadAnswer(const std::string& why);

  Totals totals() const;

  // How long after the beginning of a calm a caller still saw an error, at
  // most, of the calls that began in it.
  absl::Duration LongestRecovery(const std::vector<Calm>& calms) const;
  // The errors of calls that began in a calm, later than `recovery` after its
  // beginning where there were faults before.
  int64_t ErrorsInCalm(const std::vector<Calm>& calms,
                       absl::Duration recovery) const;
  // The broken calls that no outage of their replica explains, by what they
  // failed with. After one, clients need up to `reconnect` to come back.
  std::map<std::string, int64_t> BrokenWithoutCause(
      const std::vector<Outage>& outages, absl::Duration reconnect) const;
  // What errors there were later than so long after the beginning of a calm:
  // for a person who wonders why.
  std::map<std::string, int64_t> LateErrors(const std::vector<Calm>& calms,
                                            absl::Duration after) const;

 private:
  struct Error {
    absl::Time start;
    absl::Time end;
    std::string what;
  };

  struct BrokenCall {
    absl::Time start;
    absl::Time end;
    int replica;
    std::string what;
  };

  mutable std::mutex mutex_;
  Totals totals_;
  std::vector<Error> errors_;
  std::vector<BrokenCall> broken_;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_CALL_LOG_H_
