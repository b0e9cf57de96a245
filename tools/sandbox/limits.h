#ifndef TOOLS_SANDBOX_LIMITS_H_
#define TOOLS_SANDBOX_LIMITS_H_

#include <cstddef>

namespace signal_delivery::sandbox {

// mParticle's default service limits. It refuses what is too large, and cuts or
// drops the rest silently.

// "128 KB" and "256 KB"; a KB is nowhere defined, so the smaller reading.
inline constexpr std::size_t kMaxBatchBytes = 128'000;
inline constexpr std::size_t kMaxRequestBytes = 256'000;

// An event's name, and a screen's.
inline constexpr std::size_t kMaxEventNameCharacters = 256;

// Custom attributes of an event, user attributes of a batch.
inline constexpr std::size_t kMaxAttributes = 100;
inline constexpr std::size_t kMaxAttributeNameCharacters = 256;
inline constexpr std::size_t kMaxAttributeValueCharacters = 4096;
inline constexpr std::size_t kMaxAttributeListEntries = 1000;
inline constexpr std::size_t kMaxAttributeListEntryCharacters = 512;

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_LIMITS_H_
