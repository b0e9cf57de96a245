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
  // By then the verdict is given. More than 24 hours from now count as 24.
  std::chrono::steady_clock::time_point deadline;
  // Once a stop is requested, nothing more is begun for the delivery, and its
  // verdict is given at once; but where the body is being sent, the answer is
  // waited for a short time more. Several deliveries may share one.
  std::stop_token cancellation = {};
  // The value of the header `traceparent`, the same with every attempt: by it
  // those behind the host know which trace the request is part of. Empty: none.
  std::string traceparent = {};
};

// Gets the verdict of a delivery.
using DeliveryDone = absl::AnyInvocable<void(Verdict)>;

}  // namespace signal_delivery::client

#endif  // CLIENT_DELIVERY_H_
