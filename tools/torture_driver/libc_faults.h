#ifndef TOOLS_TORTURE_DRIVER_LIBC_FAULTS_H_
#define TOOLS_TORTURE_DRIVER_LIBC_FAULTS_H_

#include <atomic>
#include <cstdint>

namespace signal_delivery::torture {

// The sandbox's host name, which only libc_faults.so knows. No name server has
// one that ends in .invalid (RFC 6761), and none is asked.
inline constexpr char kSandboxName[] = "mparticle.torture.invalid";

// The variable that names the file of a LibcFaults to libc_faults.so.
inline constexpr char kLibcFaultsVariable[] = "TORTURE_LIBC_FAULTS";

// What a program sees of clock and name server, in a file that it and its
// tormentor have both mapped into memory. A file of zeros: all is well.
struct LibcFaults {
  std::atomic<int64_t> clock_offset_ns;  // of the wall clock
  std::atomic<int32_t> lookup_error;     // of kSandboxName: an EAI_ value, or 0
  std::atomic<int32_t> lookup_delay_ms;  // before the answer or error
  std::atomic<int64_t> failed_lookups;   // counted by the program
  std::atomic<int64_t> delayed_lookups;  // likewise
};
static_assert(std::atomic<int64_t>::is_always_lock_free,
              "two processes share no lock");

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_LIBC_FAULTS_H_
