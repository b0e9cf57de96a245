// Loaded into a replica before libc (LD_PRELOAD): a wall clock that jumps, and
// a name server that fails, as a LibcFaults says. See README.md for why neither
// libfaketime nor nss_wrapper.
//
// Replaces what the replica and its libraries use to tell the wall clock, to
// wait for it, and to look names up; every other clock stays as it is.
#include "tools/torture_driver/libc_faults.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netdb.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

namespace signal_delivery::torture {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// So soon somebody who waits for a time notices that the clock jumped.
constexpr int64_t kMostWait = kSecond / 20;

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

LibcFaults* MapFaults() {
  const char* const path = std::getenv(kLibcFaultsVariable);
  const int file = path != nullptr ? open(path, O_RDWR | O_CLOEXEC) : -1;
  void* const memory = mmap(nullptr, sizeof(LibcFaults), PROT_READ | PROT_WRITE,
                            MAP_SHARED, file, 0);
  // Without its faults, a run would show nothing.
  if (memory == MAP_FAILED) std::abort();
  close(file);
  return static_cast<LibcFaults*>(memory);
}

LibcFaults& Faults() {
  static LibcFaults* const faults = MapFaults();
  return *faults;
}

int64_t ToNanos(const timespec& time) {
  return time.tv_sec * kSecond + time.tv_nsec;
}

timespec ToTimespec(int64_t nanos) {
  return {.tv_sec = nanos / kSecond, .tv_nsec = nanos % kSecond};
}

int RealClock(clockid_t clock, timespec* time) {
  static auto* const real = Real<decltype(clock_gettime)>("clock_gettime");
  return real(clock, time);
}

int64_t RealNanos() {
  timespec time;
  RealClock(CLOCK_REALTIME, &time);
  return ToNanos(time);
}

int64_t Nanos() { return RealNanos() + Faults().clock_offset_ns; }

long RealSyscall(long number, const long (&a)[6]) {
  static auto* const real = Real<long(long, ...)>("syscall");
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// Until the wall clock, as it jumps, shows the time, or something else ends
// the wait: what the kernel does when it is its own clock that jumps.
long WaitForWallClock(long (&arguments)[6]) {
  const int64_t until =
      ToNanos(*reinterpret_cast<const timespec*>(arguments[3]));
  while (true) {
    const int64_t left = until - Nanos();
    const timespec next =
        ToTimespec(RealNanos() + std::clamp<int64_t>(left, 0, kMostWait));
    arguments[3] = reinterpret_cast<long>(&next);
    const long result = RealSyscall(SYS_futex, arguments);
    if (result != -1 || errno != ETIMEDOUT || left <= kMostWait) return result;
  }
}

}  // namespace
}  // namespace signal_delivery::torture

using signal_delivery::torture::Faults;
using signal_delivery::torture::kSandboxName;
using signal_delivery::torture::kSecond;
using signal_delivery::torture::Nanos;
using signal_delivery::torture::RealClock;
using signal_delivery::torture::RealSyscall;
using signal_delivery::torture::ToTimespec;
using signal_delivery::torture::WaitForWallClock;

extern "C" {

int clock_gettime(clockid_t clock, timespec* result) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return RealClock(clock, result);
  }
  *result = ToTimespec(Nanos());
  return 0;
}

int gettimeofday(timeval* result, void* /*zone*/) noexcept {
  const int64_t now = Nanos();
  *result = {.tv_sec = now / kSecond, .tv_usec = now % kSecond / 1000};
  return 0;
}

time_t time(time_t* result) noexcept {
  const time_t now = Nanos() / kSecond;
  if (result != nullptr) *result = now;
  return now;
}

// Abseil waits for a time of the wall clock with this, and not through libc.
long syscall(long number, ...) noexcept {
  long arguments[6];
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const bool waits_for_wall_clock = number == SYS_futex && arguments[3] != 0 &&
                                    (arguments[1] & FUTEX_CLOCK_REALTIME) != 0;
  return waits_for_wall_clock ? WaitForWallClock(arguments)
                              : RealSyscall(number, arguments);
}

int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                addrinfo** found) {
  static auto* const real =
      signal_delivery::torture::Real<decltype(getaddrinfo)>("getaddrinfo");
  if (name == nullptr || std::strcmp(name, kSandboxName) != 0) {
    return real(name, service, hints, found);
  }
  if (const int delay = Faults().lookup_delay_ms; delay > 0) {
    ++Faults().delayed_lookups;
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
  }
  if (const int error = Faults().lookup_error; error != 0) {
    ++Faults().failed_lookups;
    return error;
  }
  return real("127.0.0.1", service, hints, found);
}

}  // extern "C"
