#ifndef TESTS_MAPPING_TEST_TIME_H_
#define TESTS_MAPPING_TEST_TIME_H_

#include "absl/time/time.h"

namespace signal_delivery::mapping {

// The time that mapping is told: ten seconds after the events of the tests.
inline constexpr absl::Time kNow = absl::FromUnixSeconds(1'706'540'010);

}  // namespace signal_delivery::mapping

#endif  // TESTS_MAPPING_TEST_TIME_H_
