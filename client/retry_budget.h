#ifndef CLIENT_RETRY_BUDGET_H_
#define CLIENT_RETRY_BUDGET_H_

#include <cstddef>

namespace signal_delivery::client {

// Keeps retries from multiplying an outage: of the requests under way, only a
// share may be repeats.
//
// Not thread-safe.
class RetryBudget {
 public:
  // Finagle's and Envoy's default share; Envoy's default minimum.
  static constexpr double kShare = 0.2;
  static constexpr size_t kAlwaysAllowed = 3;

  // Whether one of `requests` under way may be another retry. What waits does
  // not count: the longer an outage lasts, the more that is.
  bool Allows(size_t requests) const {
    return under_way_ < kAlwaysAllowed ||
           static_cast<double>(under_way_ + 1) <=
               kShare * static_cast<double>(requests);
  }
  void OnStart() { ++under_way_; }
  void OnEnd() { --under_way_; }

 private:
  size_t under_way_ = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_RETRY_BUDGET_H_
