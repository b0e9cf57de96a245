#ifndef TESTS_BENCHMARKS_ALLOCATIONS_H_
#define TESTS_BENCHMARKS_ALLOCATIONS_H_

#include <cstdint>

namespace signal_delivery::benchmarks {

// How often this program called operator new so far, on all its threads: a
// program that is linked with this one counts.
int64_t Allocations();

}  // namespace signal_delivery::benchmarks

#endif  // TESTS_BENCHMARKS_ALLOCATIONS_H_
