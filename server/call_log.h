#ifndef SERVER_CALL_LOG_H_
#define SERVER_CALL_LOG_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/verdict.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "server/call_info.h"
#include "server/log.h"
#include "server/log_sampler.h"

namespace signal_delivery::server {

// Writes into the log what an on-call asks of calls: which were refused, which
// batches were not taken, which events were not sent, and why. Each line has
// the call's trace and integration; where many are alike, some are left out and
// counted (see LogSampler). None holds anything of an event but how many there
// are.
//
// Thread-safe.
class CallLog {
 public:
  using Clock = std::function<absl::Time()>;

  explicit CallLog(Clock clock) : clock_(std::move(clock)) {}

  // A call failed as a whole. `integration` is what the call names, whatever it
  // is: only an id, or what could be one, is written. `what` says of the call
  // what is known of it.
  void OnRefusal(const CallInfo& what, absl::string_view integration,
                 const absl::Status& status);

  struct Batch {
    datafly::delivery::v1::Reason reason;
    const client::Verdict& verdict;
    size_t events;
    absl::string_view source_request_id;
    // Whether it is now sent in two halves.
    bool is_halved;
  };
  // A batch that was posted has its verdict.
  void OnBatch(const CallInfo& call, const std::string& integration,
               const Batch& batch);

  // A call is answered, `took` after it came.
  void OnAnswer(const CallInfo& call, const std::string& integration,
                const datafly::delivery::v1::DeliverEventsResponse& response,
                absl::Duration took);

  // An integration comes near to, or is beyond, as many names as mParticle
  // takes.
  void OnManyNames(const CallInfo& call, const std::string& integration,
                   int names, int limit);

 private:
  void Write(LogLevel level, absl::string_view message,
             const LogSampler::Key& key, absl::string_view integration,
             std::initializer_list<LogField> more, const CallInfo& call);

  const Clock clock_;
  LogSampler sampler_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_CALL_LOG_H_
