#ifndef TOOLS_SANDBOX_FAULTS_H_
#define TOOLS_SANDBOX_FAULTS_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/sandbox/rate_limiter.h"

namespace signal_delivery::sandbox {

// What is sent back for one request.
struct Answer {
  int status = 202;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  uint64_t filler_bytes = 0;  // sent after `body`, never held in memory
};

// What happens to the connection.
enum class FaultKind {
  kNone,  // nothing: the fault is in the answer, or its delay
  kRefuseConnections,
  kSlowAccept,
  kBadTls,
  kWrongCertificate,
  kResetInHandshake,
  kResetOnConnect,
  kSlowConnect,
  kResetBeforeRequest,
  kResetDuringRequest,
  kResetAfterRequest,
  kTakenThenReset,
  kGarbageReply,
  kStall,
  kCutReply,
  kDrip,
  kCloseAfterReply,
  kResetAfterReply,
  kRateLimit,
};

// The moment in a connection's life at which a fault is chosen.
enum class Moment {
  kAccepted,       // TCP is accepted, and the listener has not gone on
  kConnected,      // TCP is accepted, TLS has not begun
  kRequestStarts,  // the first byte of a request is here
  kHeaderRead,     // the header is read, the body is not
  kRequestRead,    // the request is complete
};

// One entry of a script. README.md describes the JSON form.
struct Fault {
  FaultKind kind = FaultKind::kNone;
  std::string name;  // as in the script; "answer" where only the answer differs
  Moment moment = Moment::kRequestRead;
  std::optional<Answer> answer;  // instead of the true one
  bool answers = true;           // false: the caller never reads an answer
  bool take = true;              // a good batch counts as taken
  std::string body_contains;     // empty matches every request
  int64_t skip = 0;
  int64_t count = 1;
  // Before the answer, or as long as the fault lasts.
  absl::Duration delay = absl::ZeroDuration();
  std::optional<uint64_t> bytes;  // cut: sent in all; drip: sent at a time
  absl::Duration every = absl::ZeroDuration();  // drip: between two pieces
  RateLimit limit;                              // rate_limit
};

// The faults still to be played. Thread-safe.
class FaultScript {
 public:
  // Reads JSON lines or one JSON array. Nothing is played twice: Replace starts
  // the new script from its beginning.
  static absl::StatusOr<std::vector<Fault>> Parse(absl::string_view text);
  void Replace(std::vector<Fault> faults);

  // The fault to play now, if any: the first entry for this moment that matches
  // and is not used up decides, and counts down its `skip` before its `count`.
  // `body` is empty before the request is read.
  std::optional<Fault> Next(Moment moment, absl::string_view body = {});

 private:
  std::mutex mutex_;
  std::vector<Fault> faults_;
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_FAULTS_H_
