#ifndef CLIENT_ATTEMPT_OBSERVER_H_
#define CLIENT_ATTEMPT_OBSERVER_H_

#include <chrono>
#include <optional>

#include "client/exchange_result.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// Hears of each attempt that is made to a destination and of what follows from
// it for later ones, for whoever counts them or writes them down.
// Thread-safe: destinations may share one.
class AttemptObserver {
 public:
  virtual ~AttemptObserver() = default;

  // An attempt ended. `time`: since its request was handed to a connection;
  // nothing where it did not come so far. Called on a network thread, which
  // other deliveries wait for.
  virtual void OnAttempt(const ExchangeResult& result,
                         std::optional<std::chrono::nanoseconds> time) = 0;

  // Nothing is tried any longer but a probe from time to time: attempts failed,
  // or the key was refused. `why` is what the last one came to. Called on a
  // network thread, as the next two.
  virtual void OnRest(const Verdict& why) = 0;
  // A probe found the host well: deliveries go on.
  virtual void OnWell() = 0;
  // A 429 lowered the rate, in requests a second.
  virtual void OnSlower(double before, double now) = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_ATTEMPT_OBSERVER_H_
