#include "tests/support/random_choices.h"

namespace signal_delivery::support {

uint64_t RandomChoices::Bits(size_t count) {
  if (has_bytes_) {
    uint64_t bits = 0;
    // A byte less per choice is a choice more that the fuzzer can make.
    do {
      bits = bits << 8;
      if (!bytes_.empty()) {
        bits |= static_cast<uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
      }
      count = count / 256;
    } while (count > 1);
    return bits;
  }
  // SplitMix64 (Steele, Lea, Flood 2014): the same on every machine.
  uint64_t bits = state_ += 0x9E3779B97F4A7C15;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return bits ^ (bits >> 31);
}

}  // namespace signal_delivery::support
