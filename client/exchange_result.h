#ifndef CLIENT_EXCHANGE_RESULT_H_
#define CLIENT_EXCHANGE_RESULT_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"

namespace signal_delivery::client {

// What one attempt came to, before anybody says what it means. Failures of
// transport are apart from answers: an answer of any status is a result.

// What is kept of an HTTP answer.
struct HttpAnswer {
  int status = 0;
  std::optional<absl::Duration> retry_after;
  // The largest share used of all the account's limits, in percent: 0 to 100.
  std::optional<double> limit_used_percent;
  // Of a 429: the limit that was exceeded is that of the rate's growth. Any
  // other, and none named, is one of the rate itself.
  bool acceleration_limited = false;
  // Of a 400 or 413: see ReadErrorMessage.
  std::string error_message;
};

// No answer was read.
struct TransportFailure {
  // How far the attempt had come. Up to kBeforeSending not one byte of the
  // request was handed to the system; from kAfterSending on some may have left.
  enum class Stage {
    kLookup,
    kConnect,
    kHandshake,
    kBeforeSending,
    kAfterSending,
  };
  enum class What {
    kBroken,     // the stage failed, or the connection did
    kDeadline,   // the attempt's time was up
    kShutdown,   // this side gave up because the client is being destroyed
    kCancelled,  // this side gave up because nobody asks for it any longer; not
                 // kAfterSending
    kUnreadable,  // bytes came that are no HTTP answer; only kAfterSending
  };

  Stage stage = Stage::kBeforeSending;
  What what = What::kBroken;
  std::string detail;  // see Verdict::detail
};

using ExchangeResult = std::variant<HttpAnswer, TransportFailure>;

}  // namespace signal_delivery::client

#endif  // CLIENT_EXCHANGE_RESULT_H_
