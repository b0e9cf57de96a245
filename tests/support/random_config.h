#ifndef TESTS_SUPPORT_RANDOM_CONFIG_H_
#define TESTS_SUPPORT_RANDOM_CONFIG_H_

#include <string>
#include <vector>

#include "tests/support/random_choices.h"

namespace signal_delivery::support {

struct RandomConfig {
  // What LoadMappings() reads: valid.
  std::string yaml;
  // Names that tracks may have so that they are mapped.
  std::vector<std::string> event_names;
};

// Maps what random events have to any target that there is.
RandomConfig MakeRandomConfig(RandomChoices& choices);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RANDOM_CONFIG_H_
