#ifndef CLIENT_DELIVERY_H_
#define CLIENT_DELIVERY_H_

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/functional/any_invocable.h"
#include "client/destination.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// One body to post.
struct Delivery {
  std::shared_ptr<const Destination> destination;  // never null
  // The request's body: JSON, sent as it is, the same with every attempt. Never
  // null.
  std::shared_ptr<const std::string> body;
  // By then the verdict is given. An answer that is on its way is still read
  // (see Dispatcher::kGrace). More than 24 hours from now count as 24.
  std::chrono::steady_clock::time_point deadline;
  // Once a stop is requested, nothing more is begun for the delivery, and its
  // verdict is given at once; but where the body is being sent, the answer is
  // waited for a short time more. Several deliveries may share one.
  std::stop_token cancellation = {};
  // The value of the header `traceparent`, the same with every attempt: by it
  // those behind the host know which trace the request is part of. Empty: none.
  std::string traceparent = {};
  // Tells the body from others. While a delivery is under way, another of the
  // same key to the same destination is not posted, but waits for what becomes
  // of that one. Empty: no other is the same.
  std::string key = {};
  // Asked on the network thread before anything is done: whether the host is
  // known to have taken it. May be empty.
  absl::AnyInvocable<bool()> was_taken = {};
  // Gets what the answer said where it came too late for the verdict, shortly
  // after the deadline. Called once at most, on the network thread, possibly
  // while the client ends. May be empty.
  absl::AnyInvocable<void(const Verdict&)> on_late_answer = {};
};

// Gets the verdict of a delivery.
using DeliveryDone = absl::AnyInvocable<void(Verdict)>;

}  // namespace signal_delivery::client

#endif  // CLIENT_DELIVERY_H_
