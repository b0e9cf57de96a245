#include "client/attempt_sign.h"

#include <variant>

namespace signal_delivery::client {

using Sign = CircuitBreaker::Sign;
using What = TransportFailure::What;

Sign SignOf(const Transport::Outcome& outcome, std::chrono::nanoseconds time) {
  if (const auto* answer = std::get_if<HttpAnswer>(&outcome.result)) {
    if (answer->status == 401 || answer->status == 403) return Sign::kRefusal;
    return answer->status >= 500 ? Sign::kFailure : Sign::kWell;
  }
  switch (std::get<TransportFailure>(outcome.result).what) {
    case What::kBroken:
    case What::kUnreadable:
      return Sign::kFailure;
    case What::kDeadline:
      return outcome.tried && time >= kPatience ? Sign::kFailure : Sign::kNone;
    case What::kShutdown:
    case What::kCancelled:
      return Sign::kNone;
  }
  return Sign::kNone;
}

}  // namespace signal_delivery::client
