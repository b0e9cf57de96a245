#ifndef TESTS_BENCHMARKS_STEADY_CALLER_H_
#define TESTS_BENCHMARKS_STEADY_CALLER_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"

namespace signal_delivery::benchmarks {

// Calls DeliverEvents at a steady rate, one event of a new user each, whether
// or not the calls before were answered. Not thread-safe.
class SteadyCaller {
 public:
  struct Options {
    int port = 0;  // of the service on this machine
    std::string integration;
    double calls_per_second = 0;
    absl::Duration deadline;
  };
  explicit SteadyCaller(Options options);

  struct Report {
    std::vector<absl::Duration> latencies;  // of every call, sorted
    int accepted = 0;
  };
  // Calls for so long; returns when all calls have ended.
  Report Run(absl::Duration time);

 private:
  const Options options_;
  const std::unique_ptr<datafly::delivery::v1::DeliveryService::Stub> stub_;
  std::mt19937_64 random_{1};
  int64_t next_id_ = 0;
};

}  // namespace signal_delivery::benchmarks

#endif  // TESTS_BENCHMARKS_STEADY_CALLER_H_
