#ifndef CLIENT_TRANSPORT_H_
#define CLIENT_TRANSPORT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "client/destination.h"
#include "client/exchange_result.h"

namespace signal_delivery::client {

// Posts bodies, each in one attempt: what a Dispatcher needs of the network, so
// that tests can do without one.
//
// Not thread-safe.
class Transport {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Attempt {
    // Chosen by the caller; no two that are under way have the same.
    uint64_t id = 0;
    std::shared_ptr<const Destination> destination;
    std::shared_ptr<const std::string> body;
    std::string traceparent;  // see Delivery
    // By then it ends, one way or the other; but for one that is being sent,
    // or was, the answer is waited for until `answer_by`, where that is later.
    TimePoint deadline;
    TimePoint answer_by = {};
    // Called when the deadline passes and the answer is still waited for: once
    // at most, and never from within Post. Must not call back.
    absl::AnyInvocable<void()> on_overdue = nullptr;
  };

  struct Outcome {
    ExchangeResult result;
    // Whether anything was tried at all: at least to open a connection.
    bool tried = false;
    // When the request was handed to a connection, where it came so far.
    std::optional<TimePoint> sent_at;
    // Of one that waited for a connection in vain: how long the host has let
    // nobody in, nor turned anybody away.
    std::chrono::nanoseconds host_silent{0};
  };
  using Done = absl::AnyInvocable<void(Outcome)>;

  virtual ~Transport() = default;

  // `done` is called exactly once, possibly from within this call.
  virtual void Post(Attempt attempt, Done done) = 0;

  // Nobody needs the attempt any longer. One that has not been sent ends now,
  // from within this call; one that has ends with its answer, or at
  // `answer_by`. Nothing happens where there is no such attempt.
  virtual void Cancel(uint64_t id, TimePoint answer_by) = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_TRANSPORT_H_
