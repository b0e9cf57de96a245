#ifndef TESTS_FUZZ_REQUIRE_H_
#define TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>
#include <string>

namespace signal_delivery::fuzz {

// Ends the process where `holds` is false: that is how a fuzz target says that
// it found something.
inline void Require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz target: %s\n", what.c_str());
  std::abort();
}

}  // namespace signal_delivery::fuzz

#endif  // TESTS_FUZZ_REQUIRE_H_
