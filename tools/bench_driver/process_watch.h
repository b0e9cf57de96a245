#ifndef TOOLS_BENCH_DRIVER_PROCESS_WATCH_H_
#define TOOLS_BENCH_DRIVER_PROCESS_WATCH_H_

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace signal_delivery::bench {

// What another process of this machine has used so far. Not thread-safe.
class ProcessWatch {
 public:
  // `allocations_file` is the one that the process counts its allocations in
  // (allocation_counter.cc); empty: it does not. Ends the program where either
  // cannot be read, as a measurement without them is worth nothing.
  ProcessWatch(pid_t pid, const std::string& allocations_file);

  // Of all its threads, past and present; user and system time.
  std::chrono::nanoseconds CpuTime() const;
  // 0 where it does not count.
  uint64_t Allocations() const;

 private:
  clockid_t cpu_clock_ = 0;
  const volatile uint64_t* allocations_ = nullptr;
};

}  // namespace signal_delivery::bench

#endif  // TOOLS_BENCH_DRIVER_PROCESS_WATCH_H_
