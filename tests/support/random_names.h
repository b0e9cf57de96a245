#ifndef TESTS_SUPPORT_RANDOM_NAMES_H_
#define TESTS_SUPPORT_RANDOM_NAMES_H_

#include <string>
#include <vector>

namespace signal_delivery::support {

// What a value is meant to be; what it is may differ.
enum class Meaning {
  kAnything,
  kText,
  kNumber,
  kBoolean,
  // ISO 8601.
  kTime,
  kIpAddress,
  kUuid,
  // A list of objects.
  kProducts,
  kObject,
};

struct NamedMeaning {
  std::string name;
  Meaning meaning;
};

// Texts in ISO 8601 that are a time outside the years 2000 to 2099.
const std::vector<std::string>& OddTimes();

// Names of properties and traits, and those within products.
const std::vector<NamedMeaning>& PropertyNames();
const std::vector<NamedMeaning>& TraitNames();
const std::vector<NamedMeaning>& ProductNames();

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RANDOM_NAMES_H_
