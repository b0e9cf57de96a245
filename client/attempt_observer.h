#ifndef CLIENT_ATTEMPT_OBSERVER_H_
#define CLIENT_ATTEMPT_OBSERVER_H_

#include <chrono>
#include <optional>

#include "client/exchange_result.h"

namespace signal_delivery::client {

// Hears of each attempt that is made to a destination, for whoever counts them.
// Thread-safe: destinations may share one.
class AttemptObserver {
 public:
  virtual ~AttemptObserver() = default;

  // An attempt ended. `time`: since its request was handed to a connection;
  // nothing where it did not come so far. Called on a network thread, which
  // other deliveries wait for.
  virtual void OnAttempt(const ExchangeResult& result,
                         std::optional<std::chrono::nanoseconds> time) = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_ATTEMPT_OBSERVER_H_
