#include "client/retry_rules.h"

namespace signal_delivery::client {

bool MayEndBetter(const ExchangeResult& result) {
  if (const auto* answer = std::get_if<HttpAnswer>(&result)) {
    const int status = answer->status;
    return status == 408 || status == 429 || (status >= 500 && status != 501);
  }
  switch (std::get<TransportFailure>(result).what) {
    case TransportFailure::What::kBroken:
    case TransportFailure::What::kUnreadable:
    case TransportFailure::What::kDeadline:
      return true;
    case TransportFailure::What::kShutdown:
    case TransportFailure::What::kCancelled:
      return false;
  }
  return false;
}

}  // namespace signal_delivery::client
