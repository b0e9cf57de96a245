#include "tools/bench_driver/process_watch.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace signal_delivery::bench {
namespace {

void Require(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::exit(2);
}

}  // namespace

ProcessWatch::ProcessWatch(pid_t pid, const std::string& allocations_file) {
  Require(clock_getcpuclockid(pid, &cpu_clock_) == 0, "clock_getcpuclockid");
  if (allocations_file.empty()) return;
  const int file = open(allocations_file.c_str(), O_RDONLY | O_CLOEXEC);
  Require(file >= 0, allocations_file.c_str());
  void* const memory =
      mmap(nullptr, sizeof(uint64_t), PROT_READ, MAP_SHARED, file, 0);
  Require(memory != MAP_FAILED, "mmap");
  close(file);
  allocations_ = static_cast<const uint64_t*>(memory);
}

std::chrono::nanoseconds ProcessWatch::CpuTime() const {
  timespec time = {};
  Require(clock_gettime(cpu_clock_, &time) == 0, "clock_gettime");
  return std::chrono::seconds(time.tv_sec) +
         std::chrono::nanoseconds(time.tv_nsec);
}

uint64_t ProcessWatch::Allocations() const {
  return allocations_ == nullptr ? 0 : *allocations_;
}

}  // namespace signal_delivery::bench
