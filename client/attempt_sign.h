#ifndef CLIENT_ATTEMPT_SIGN_H_
#define CLIENT_ATTEMPT_SIGN_H_

#include <chrono>

#include "client/circuit_breaker.h"
#include "client/transport.h"

namespace signal_delivery::client {

// An attempt that ends without an answer after so long, because its time is up,
// counts as a failure of the host. Callers of less patience say nothing of it.
inline constexpr std::chrono::seconds kPatience{2};

// What an attempt that took `time` says of its destination. A pure function.
CircuitBreaker::Sign SignOf(const Transport::Outcome& outcome,
                            std::chrono::nanoseconds time);

}  // namespace signal_delivery::client

#endif  // CLIENT_ATTEMPT_SIGN_H_
